// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/colors.h"

#include <QGuiApplication>

namespace dw::theme {

const Colors& lightColors() {
  static const Colors kLight{.dark = false,
                             .window = QColor(0xf5f6f7),
                             .base = QColor(0xffffff),
                             .alternate = QColor(0xedeff2),
                             .button = QColor(0xfcfcfd),
                             .text = QColor(0x1c2126),
                             .muted = QColor(0x59636d),
                             .border = QColor(0xd3d8dd),
                             .accent = QColor(0x1a62b8),
                             .onAccent = QColor(0xffffff),
                             .warning = QColor(0x8a5a00),
                             .warningSurface = QColor(0xfff4d6),
                             .error = QColor(0xb3261e),
                             .errorSurface = QColor(0xfdeceb),
                             .success = QColor(0x1a7446)};
  return kLight;
}

const Colors& darkColors() {
  static const Colors kDark{.dark = true,
                            .window = QColor(0x1c1f23),
                            .base = QColor(0x15181b),
                            .alternate = QColor(0x24282d),
                            .button = QColor(0x2b3036),
                            .text = QColor(0xe3e6e9),
                            .muted = QColor(0x9ba6b0),
                            .border = QColor(0x3a4047),
                            .accent = QColor(0x6aaaf2),
                            .onAccent = QColor(0x0d1722),
                            .warning = QColor(0xe4b454),
                            .warningSurface = QColor(0x362b18),
                            .error = QColor(0xf4938b),
                            .errorSurface = QColor(0x3b2221),
                            .success = QColor(0x62c792)};
  return kDark;
}

const Colors& colorsFor(const QPalette& palette) {
  const bool dark = palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
  return dark ? darkColors() : lightColors();
}

const Colors& colors() { return colorsFor(QGuiApplication::palette()); }

QPalette paletteFrom(const Colors& c) {
  QPalette p;
  p.setColor(QPalette::Window, c.window);
  p.setColor(QPalette::WindowText, c.text);
  p.setColor(QPalette::Base, c.base);
  p.setColor(QPalette::AlternateBase, c.alternate);
  p.setColor(QPalette::Text, c.text);
  p.setColor(QPalette::PlaceholderText, c.muted);
  p.setColor(QPalette::Button, c.button);
  p.setColor(QPalette::ButtonText, c.text);
  p.setColor(QPalette::BrightText, c.error);
  p.setColor(QPalette::Highlight, c.accent);
  p.setColor(QPalette::HighlightedText, c.onAccent);
  p.setColor(QPalette::Link, c.accent);
  p.setColor(QPalette::LinkVisited, c.accent);
  p.setColor(QPalette::ToolTipBase, c.alternate);
  p.setColor(QPalette::ToolTipText, c.text);
  p.setColor(QPalette::Light, c.dark ? c.button.lighter(130) : QColor(Qt::white));
  p.setColor(QPalette::Midlight, c.alternate);
  p.setColor(QPalette::Mid, c.border);
  p.setColor(QPalette::Dark, c.border.darker(c.dark ? 140 : 120));
  p.setColor(QPalette::Shadow, c.dark ? QColor(Qt::black) : QColor(0x8a9199));
  const QColor faint = c.dark ? QColor(0x69727b) : QColor(0x9aa3ab);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
    p.setColor(QPalette::Disabled, role, faint);
  }
  p.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
  return p;
}

}  // namespace dw::theme
