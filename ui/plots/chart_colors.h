// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

namespace dw::ui {

/// Colours of a chart, from the palette in force. Curves: Okabe and Ito's colour-blind-safe set, in the shade that stands
/// out on the background; curves differ in width or dash as well.
struct ChartColors {
  explicit ChartColors(const QPalette& palette);

  bool dark;
  QColor background, text, quietText, grid, frame;
  QColor raw, smooth, lr;
};

}  // namespace dw::ui
