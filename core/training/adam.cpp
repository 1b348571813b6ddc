// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/adam.h"

namespace dw::training {

Adam::Adam(const AdamSettings& settings, const NamedTensors& parameters, std::vector<RateGroup> groups)
    : settings_(settings), groups_(std::move(groups)) {
  const at::NoGradGuard noGrad;
  const auto device = parameters.empty() ? at::Device(at::kCPU) : parameters.front().tensor.device();
  step_ = at::zeros({}, at::TensorOptions(device).dtype(at::kFloat));
  for (const auto& [name, tensor] : parameters) {
    TORCH_CHECK(tensor.is_contiguous(), "parameter ", name, " is not dense");
    names_.push_back(name);
    parameters_.push_back(tensor);
    mean_.push_back(at::zeros_like(tensor));
    square_.push_back(at::zeros_like(tensor));
  }
}

Adam::Lists Adam::select(const std::vector<at::Tensor>& gradients, const RateGroup& group) const {
  Lists lists;
  for (const auto i : group.members) {
    if (!gradients[i].defined()) continue;
    lists.parameters.push_back(parameters_[i]);
    lists.gradients.push_back(gradients[i].contiguous());
    lists.mean.push_back(mean_[i]);
    lists.square.push_back(square_[i]);
    lists.steps.push_back(step_);
  }
  return lists;
}

void Adam::step(const std::vector<at::Tensor>& gradients, const UpdateSettings& update) {
  const at::NoGradGuard noGrad;
  TORCH_CHECK(gradients.size() == parameters_.size(), "one gradient per parameter");
  step_.add_(1);
  for (const auto& group : groups_) {
    const Lists lists = select(gradients, group);
    if (lists.parameters.empty()) continue;
    const auto fused = [&](auto&& call) {
      call(lists.parameters, lists.gradients, lists.mean, lists.square, at::TensorList{}, lists.steps,
           group.factor * update.lr, settings_.beta1, settings_.beta2, update.weightDecay, settings_.eps,
           /*amsgrad=*/false, /*maximize=*/false);
    };
    if (settings_.decay == Decay::Decoupled) {
      fused([](auto&&... args) { at::_fused_adamw_(args...); });
    } else {
      fused([](auto&&... args) { at::_fused_adam_(args...); });
    }
  }
}

NamedTensors Adam::state() const {
  NamedTensors state{{"step", step_}};
  for (std::size_t i = 0; i < names_.size(); ++i) {
    state.push_back({"exp_avg." + names_[i], mean_[i]});
    state.push_back({"exp_avg_sq." + names_[i], square_[i]});
  }
  return state;
}

}  // namespace dw::training
