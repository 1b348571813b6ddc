// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstddef>

#include "session/training/measurement_history.h"

namespace dw::ui {

/// Rule of thumb for the length of an update over the length of the weights.
inline constexpr double kUsualUpdateRatio = 1e-3;

/// "spike at step 812: loss 9.3, grad norm 7.1 deviations up"; others: further spikes at the same place.
QString spikeText(const Spike& spike, std::size_t others);
/// What a spike is, and what it means for somebody who trains his first model.
QString spikeExplained(const Spike& spike);
/// What the ratio of update to weight says, and what the guide line is.
QString updateRatioExplained();

}  // namespace dw::ui
