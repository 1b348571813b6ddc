// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/chart_export.h"
#include "plots/loss_data.h"

namespace dw::ui {

/// A row for each step. What is measured at some steps only is empty at the others; the z-scores are those of spikes.
CsvWriter lossTable(LossData data);

}  // namespace dw::ui
