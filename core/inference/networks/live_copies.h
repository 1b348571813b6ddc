// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "run/frozen_model.h"

namespace dw::training {
struct NamedTensor;
}

namespace dw::run {

class FrozenXudit;

/// Copies of a trainer's weights for others to ask; between xudit_task.cpp and xudit_frozen.cpp. Keeps the memory of copies
/// that nobody holds any more for the next one, so that copying costs the trainer no allocation. Training thread only.
class FrozenCopies {
 public:
  FrozenCopies();
  ~FrozenCopies();
  /// weights: of the whole model, buffers too. Any device.
  std::shared_ptr<const FrozenModel> copy(const FrozenFacts& facts, const std::vector<training::NamedTensor>& weights);

 private:
  std::vector<std::shared_ptr<FrozenXudit>> kept_;
};

}  // namespace dw::run
