// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/theme.h"

#include <QApplication>
#include <QSettings>
#include <QStyleFactory>

namespace dw::theme {

Mode modeFromName(const QString& name) {
  if (name == QLatin1String("light")) return Mode::Light;
  if (name == QLatin1String("dark")) return Mode::Dark;
  return Mode::System;
}

QString nameOf(Mode mode) {
  switch (mode) {
    case Mode::Light: return QStringLiteral("light");
    case Mode::Dark: return QStringLiteral("dark");
    case Mode::System: break;
  }
  return QStringLiteral("system");
}

Theme::Theme(Mode mode, QObject* parent) : QObject(parent), mode_(mode) {
  // Fusion draws every widget from the palette, the same on each desktop; native styles ignore half of it.
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  connect(&system_, &SystemScheme::changed, this, &Theme::apply);
  apply();
}

void Theme::setMode(Mode mode) {
  if (mode_ == mode) return;
  mode_ = mode;
  QSettings().setValue(QStringLiteral("theme"), nameOf(mode));
  apply();
}

void Theme::apply() {
  const bool dark = mode_ == Mode::Dark || (mode_ == Mode::System && system_.isDark());
  const Colors& c = dark ? darkColors() : lightColors();
  QApplication::setPalette(paletteFrom(c));
  qApp->setStyleSheet(styleSheetFrom(c));
}

QString styleSheetFrom(const Colors& c) {
  static const QString kTemplate = QStringLiteral(R"(
QLabel[muted="true"] { color: @muted; }
QLabel[heading="true"] { font-size: 15pt; font-weight: 600; }
QLabel[subheading="true"] { font-weight: 600; }
QLabel[chip="true"] { background: @alternate; border: 1px solid @border; border-radius: 4px; padding: 1px 5px; }
QLabel[problem="true"] { color: @error; }
QFrame[surface="true"] { background: @base; border: 1px solid @border; border-radius: 6px; }
QFrame[card="info"] { background: @alternate; border: 1px solid @border; border-left: 4px solid @accent; border-radius: 4px; }
QFrame[card="warning"] { background: @warningSurface; border: 1px solid @border; border-left: 4px solid @warning; border-radius: 4px; }
QFrame[card="error"] { background: @errorSurface; border: 1px solid @border; border-left: 4px solid @error; border-radius: 4px; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border: 1px solid @accent; border-radius: 4px; padding: 5px 16px; font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:pressed { background: @accentPressed; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 4px 15px; }
QPushButton[primary="true"]:disabled { background: @alternate; color: @muted; border-color: @border; }
QCommandLinkButton[choice="true"] { background: @base; border: 1px solid @border; border-radius: 8px; padding: 16px 12px; }
QCommandLinkButton[choice="true"]:hover, QCommandLinkButton[choice="true"]:focus { border-color: @accent; }
QToolButton[flat="true"] { border: 1px solid transparent; border-radius: 4px; padding: 4px; background: transparent; }
QToolButton[flat="true"]:hover { background: @alternate; }
QToolButton[flat="true"]:checked { background: @alternate; border-color: @border; }
QToolButton[flat="true"]:focus { border-color: @accent; }
QToolButton[nav="true"] { border: none; border-left: 3px solid transparent; border-radius: 0; padding: 8px 2px 8px 0px; background: transparent; color: @muted; }
QToolButton[nav="true"]:hover { background: @alternate; color: @text; }
QToolButton[nav="true"]:focus { background: @alternate; }
QToolButton[nav="true"]:checked { border-left-color: @accent; color: @text; background: @alternate; font-weight: 600; }
QLineEdit[frame="true"] { background: @base; border: 1px solid @border; border-radius: 3px; padding: 2px 3px; }
QLineEdit[frame="true"]:focus { border-color: @accent; }
QLineEdit[frame="true"]:disabled { color: @muted; background: @alternate; }
QCheckBox::indicator, QAbstractItemView::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px; background: @base; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus, QAbstractItemView::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: @accent; border-color: @accent; image: url(:/style/@tick.svg); }
QCheckBox::indicator:disabled, QAbstractItemView::indicator:disabled { border-color: @border; background: @alternate; }
QToolTip { background: @alternate; color: @text; border: 1px solid @border; padding: 4px; }
)");
  QString sheet = kTemplate;
  sheet.replace(QLatin1String("@tick"), c.dark ? QLatin1String("tick-dark") : QLatin1String("tick-light"));
  // Longer names first: "@accentHover" must be replaced before "@accent".
  const std::pair<const char*, QColor> names[] = {{"@accentHover", c.accent.lighter(110)},
                                                  {"@accentPressed", c.accent.darker(112)},
                                                  {"@warningSurface", c.warningSurface},
                                                  {"@errorSurface", c.errorSurface},
                                                  {"@alternate", c.alternate},
                                                  {"@onAccent", c.onAccent},
                                                  {"@accent", c.accent},
                                                  {"@warning", c.warning},
                                                  {"@border", c.border},
                                                  {"@muted", c.muted},
                                                  {"@error", c.error},
                                                  {"@base", c.base},
                                                  {"@text", c.text}};
  for (const auto& [name, color] : names) sheet.replace(QLatin1String(name), color.name());
  return sheet;
}

}  // namespace dw::theme
