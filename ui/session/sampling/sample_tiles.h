// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "inference/sample_set.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// One of the samples, in the model's scale.
PreviewTile tileOf(const inference::SampleSet& samples, std::int64_t index);
/// On its way there. x0: the model's guess of the end; else the state. index below kept.
PreviewTile tileOf(const inference::SampleSet& samples, const inference::SampleFrame& frame, std::int64_t index,
                   bool x0);
/// The same numbers in the scale of the dataset, which colours are made for.
PreviewTile asStored(const inference::SampleSet& samples, const PreviewTile& tile);

}  // namespace dw::ui
