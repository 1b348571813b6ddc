// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "inference/model.h"

namespace dw::training {
struct NamedTensor;
}

namespace dw::inference::networks {

/// Copies of a trainer's weights, to predict and to sample with while it goes on. Keeps the memory of copies that nobody
/// holds any more for the next one, so that copying costs the trainer no allocation. Training thread only.
class LiveCopies {
 public:
  LiveCopies();
  ~LiveCopies();
  /// facts: may differ from those of the call before in the step and in averaged. weights: of the whole model, buffers too;
  /// any device.
  std::shared_ptr<const Model> copy(const ModelFacts& facts, const std::vector<training::NamedTensor>& weights);

 private:
  class Copy;
  std::vector<Copy> kept_;
};

}  // namespace dw::inference::networks
