// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

namespace dw::training {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// Tensors in a fixed order with the names they have in checkpoints.
using NamedTensors = std::vector<NamedTensor>;

std::vector<at::Tensor> tensorsOf(const NamedTensors& named);

/// All parameters of a module, in the order in which it registered them.
NamedTensors namedParameters(const torch::nn::Module& module);

/// Copies values into existing tensors of the same names and shapes, whatever the order. Throws Error BadData naming the
/// first tensor that is missing, has another shape, or is not asked for; then nothing was copied.
/// what: the place for the sentence, e.g. "the optimizer state".
void copyByName(const NamedTensors& from, const NamedTensors& into, const std::string& what);

}  // namespace dw::training
