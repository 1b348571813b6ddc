// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/sgd.h"

namespace dw::training {

Sgd::Sgd(double momentum, const NamedTensors& parameters, std::vector<RateGroup> groups)
    : momentum_(momentum), groups_(std::move(groups)) {
  const at::NoGradGuard noGrad;
  for (const auto& [name, tensor] : parameters) {
    TORCH_CHECK(tensor.is_contiguous(), "parameter ", name, " is not dense");
    names_.push_back(name);
    parameters_.push_back(tensor);
    buffers_.push_back(at::zeros_like(tensor));
  }
}

void Sgd::step(const std::vector<at::Tensor>& gradients, const UpdateSettings& update) {
  TORCH_CHECK(gradients.size() == parameters_.size(), "one gradient per parameter");
  const at::NoGradGuard noGrad;
  for (const auto& group : groups_) {
    std::vector<at::Tensor> parameters, present, buffers;
    for (const auto i : group.members) {
      if (!gradients[i].defined()) continue;
      parameters.push_back(parameters_[i]);
      present.push_back(gradients[i].contiguous());
      if (momentum_ != 0.0) buffers.push_back(buffers_[i]);
    }
    if (parameters.empty()) continue;
    // Buffers start at zero, so the first step is no special case: momentum * 0 + g = g.
    at::_fused_sgd_(parameters, present, buffers, update.weightDecay, momentum_, group.factor * update.lr,
                    /*dampening=*/0.0,
                    /*nesterov=*/false, /*maximize=*/false, /*is_first_step=*/false);
  }
}

NamedTensors Sgd::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < names_.size(); ++i) state.push_back({"momentum_buffer." + names_[i], buffers_[i]});
  return state;
}

}  // namespace dw::training
