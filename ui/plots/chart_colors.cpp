// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_colors.h"

namespace dw::ui {
namespace {

QColor mixed(const QColor& a, const QColor& b, double shareOfB) {
  const auto mix = [shareOfB](float x, float y) { return static_cast<float>(x + (y - x) * shareOfB); };
  return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

}  // namespace

ChartColors::ChartColors(const QPalette& palette)
    : dark(palette.color(QPalette::Base).lightnessF() < 0.5F),
      background(palette.color(QPalette::Base)),
      text(palette.color(QPalette::Text)),
      quietText(mixed(text, background, 0.3)),
      grid(mixed(background, text, dark ? 0.14 : 0.10)),
      frame(mixed(background, text, 0.35)),
      smooth(dark ? QColor(0x56, 0xB4, 0xE9) : QColor(0x00, 0x72, 0xB2)),
      lr(dark ? QColor(0xE6, 0x9F, 0x00) : QColor(0xB8, 0x4E, 0x00)) {
  // Opaque on purpose: a transparent pen costs several times the drawing time.
  raw = mixed(background, smooth, dark ? 0.6 : 0.38);
}

}  // namespace dw::ui
