// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::ui {

/// The part of the learning rate's curve that is still to come, as far as a hand can move it.
struct RatePlan {
  double peakStep = 0.0, peakRate = 0.0;
  double endStep = 0.0, endRate = 0.0;
  bool endMoves = false;   ///< the curve's last rate may be chosen
  bool peakMoved = false;  ///< peakStep was dragged too, not only peakRate
};

}  // namespace dw::ui
