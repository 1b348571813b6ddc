// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "training/optimizer.h"
#include "training/rate_groups.h"

namespace dw::training {

/// Gradient descent with momentum: b = momentum b + g; parameter -= lr b (Sutskever et al. 2013, in PyTorch's form).
/// Weight decay is added to the gradient.
class Sgd final : public Optimizer {
 public:
  Sgd(double momentum, const NamedTensors& parameters, std::vector<RateGroup> groups);
  void step(const std::vector<at::Tensor>& gradients, const UpdateSettings& update) override;
  NamedTensors state() const override;

 private:
  double momentum_;
  std::vector<RateGroup> groups_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> buffers_;
};

}  // namespace dw::training
