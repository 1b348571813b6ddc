// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_colors.h"

#include <QList>
#include <array>

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
  raw = faint(smooth);
}

// Opaque on purpose: a transparent pen costs several times the drawing time.
QColor ChartColors::faint(const QColor& color) const { return mixed(background, color, dark ? 0.6 : 0.38); }

QPen ChartColors::curvePen(int index) const {
  static const std::array<QColor, kCurves> kOnDark{QColor(0x56, 0xB4, 0xE9), QColor(0xE6, 0x9F, 0x00),
                                                   QColor(0x2F, 0xC9, 0x9B), QColor(0xE8, 0x9A, 0xC7),
                                                   QColor(0xF0, 0xE4, 0x42), QColor(0xF0, 0x7A, 0x3A)};
  static const std::array<QColor, kCurves> kOnLight{QColor(0x00, 0x72, 0xB2), QColor(0xB8, 0x4E, 0x00),
                                                    QColor(0x00, 0x80, 0x5E), QColor(0xA8, 0x44, 0x7E),
                                                    QColor(0x7A, 0x6A, 0x00), QColor(0x30, 0x36, 0x3C)};
  static const std::array<QList<qreal>, kCurves> kDashes{QList<qreal>{}, {4, 2}, {1, 1.5},
                                                         {6, 2, 1, 2},   {2, 2}, {6, 1.5, 1, 1.5, 1, 1.5}};
  const auto i = static_cast<std::size_t>(index % kCurves);
  QPen pen(dark ? kOnDark[i] : kOnLight[i], 2.0);
  pen.setCapStyle(Qt::FlatCap);
  if (!kDashes[i].isEmpty()) pen.setDashPattern(kDashes[i]);
  return pen;
}

}  // namespace dw::ui
