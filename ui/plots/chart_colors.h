// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>
#include <QPen>

namespace dw::ui {

/// Colours of a chart, from the palette in force. Curves: Okabe and Ito's colour-blind-safe set, in the shade that stands
/// out on the background; curves differ in width or dash as well.
struct ChartColors {
  explicit ChartColors(const QPalette& palette);

  bool dark;
  QColor background, text, quietText, grid, frame;
  QColor raw, smooth, lr;

  /// For several curves of equal rank, told apart by colour and dash; both begin again after kCurves.
  static constexpr int kCurves = 6;
  QPen curvePen(int index) const;
  /// The same curve faint, for the single steps behind a smoothed one. Opaque: a transparent pen is slow.
  QColor faint(const QColor& color) const;
};

}  // namespace dw::ui
