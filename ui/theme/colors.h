// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

namespace dw::theme {

/// The program's colours beyond what QPalette has roles for. Text on its surface has a contrast of at least 4.5 : 1.
struct Colors {
  bool dark = false;
  QColor window, base, alternate, button;  ///< backgrounds: window, fields and lists, every other row, buttons
  QColor text, muted;                      ///< main text; secondary text
  QColor border;
  QColor accent, onAccent;  ///< the one accent; text on it
  QColor warning, warningSurface;
  QColor error, errorSurface;
  QColor success;
};

const Colors& lightColors();
const Colors& darkColors();

/// The table that fits a palette: dark if its window is darker than its text.
const Colors& colorsFor(const QPalette& palette);
/// The table of the running application.
const Colors& colors();

QPalette paletteFrom(const Colors& colors);

}  // namespace dw::theme
