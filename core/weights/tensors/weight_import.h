// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include "weights/weight_file.h"

namespace dw::weights::tensors {

/// Copies the weights of a file into a model, widened or rounded to the model's type. Constants (buffers) that the file
/// holds only rounded to 16 bits keep the model's exact values. All names are compared before
/// anything is copied. ignoreExtras: names that the model does not have are left out instead of refused. Throws Error
/// BadData with all names that do not fit.
void loadWeights(const WeightFile& file, const torch::nn::Module& model, bool ignoreExtras = false);

}  // namespace dw::weights::tensors
