// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include "theme/colors.h"
#include "theme/system_scheme.h"

namespace dw::theme {

enum class Mode { System, Light, Dark };

/// "light", "dark"; anything else is System.
Mode modeFromName(const QString& name);
QString nameOf(Mode mode);

/// Gives the application its style, palette and style sheet, and keeps them in step with the desktop while the mode is
/// System. One object, made in main() after QApplication. Widgets learn of a change by QEvent::PaletteChange; special
/// looks are asked for by dynamic properties:
///   "primary" (QPushButton, the one main action), "flat" (QToolButton without frame), "nav" (QToolButton of the nav
///   column), "muted" / "heading" / "problem" / "chip" (QLabel), "card" = "error" | "warning" | "info" (QFrame), "surface" (QFrame with border).
class Theme : public QObject {
  Q_OBJECT

 public:
  explicit Theme(Mode mode, QObject* parent = nullptr);
  Mode mode() const { return mode_; }
  /// Remembered for the next start unless the mode came from the command line.
  void setMode(Mode mode);

 private:
  void apply();

  SystemScheme system_;
  Mode mode_;
};

/// The style sheet for a table of colours.
QString styleSheetFrom(const Colors& colors);

}  // namespace dw::theme
