// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstddef>

#include "plots/loss_data.h"

namespace dw::ui {

struct ChartColors;

/// The figures of one point of a loss plot as rich text, each with a piece of its curve's line in front: the plot's legend as
/// well. flags: words of the commands applied there; spikes: of the steps there that stand out; both may be empty.
QString lossReadout(const LossData& data, std::size_t point, const ChartColors& colors, const QString& flags,
                    const QString& spikes = {});

}  // namespace dw::ui
