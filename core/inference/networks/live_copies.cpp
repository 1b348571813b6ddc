// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/live_copies.h"

#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <unordered_map>

#include "inference/networks/xudit_model.h"
#include "model/xudit.h"
#include "training/named_tensors.h"
#include "weights/tensors/tensor_file.h"

namespace dw::inference::networks {

class LiveCopies::Copy {
 public:
  explicit Copy(const ModelFacts& facts) {
    auto network = std::make_shared<model::XUDiT>(facts.model);
    for (const auto& [name, tensor] : weights::tensors::stateDict(*network)) places_.emplace(name, tensor);
    model_ = std::make_shared<XuditModel>(facts, std::move(network));
  }

  bool isIdle() const { return model_.use_count() == 1; }
  std::shared_ptr<const Model> take(const ModelFacts& facts, const training::NamedTensors& weights) {
    const at::NoGradGuard noGrad;
    model_->renew(facts.step, facts.averaged);
    for (const auto& [name, tensor] : weights) {
      if (const auto place = places_.find(name); place != places_.end()) place->second.copy_(tensor);
    }
    return model_;
  }

 private:
  std::shared_ptr<XuditModel> model_;
  std::unordered_map<std::string, at::Tensor> places_;  ///< the network's own tensors by name
};

LiveCopies::LiveCopies() = default;
LiveCopies::~LiveCopies() = default;

std::shared_ptr<const Model> LiveCopies::copy(const ModelFacts& facts,
                                              const std::vector<training::NamedTensor>& weights) {
  auto idle = std::ranges::find_if(kept_, &Copy::isIdle);
  std::atomic_thread_fence(std::memory_order_acquire);  // what its last holder read, it read before
  if (idle == kept_.end()) idle = kept_.insert(idle, Copy(facts));
  return idle->take(facts, weights);
}

}  // namespace dw::inference::networks
