// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

namespace dw::model {

/// Runs compute(inputs) without keeping what its backward pass needs, and runs it again there (Chen et al. 2016, "Training
/// deep nets with sublinear memory cost"): gradients are the same, memory is that of the inputs.
/// compute must be free of randomness. parameters: every parameter that compute uses besides its inputs; undefined
/// inputs are handed on as they are.
torch::Tensor checkpointed(std::function<torch::Tensor(const std::vector<torch::Tensor>&)> compute,
                           const std::vector<torch::Tensor>& inputs, const std::vector<torch::Tensor>& parameters);

}  // namespace dw::model
