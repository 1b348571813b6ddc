// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/named_tensors.h"

namespace dw::weights::tensors {

/// Copies of named tensors on the CPU in memory that is kept from one take() to the next, so that a snapshot costs the
/// trainer a copy and no allocation.
class KeptCopies {
 public:
  /// Copies; memory is taken only the first time, or for a tensor whose name, shape or type has changed.
  void take(const training::NamedTensors& from);
  const training::NamedTensors& tensors() const noexcept { return copies_; }

 private:
  training::NamedTensors copies_;
};

}  // namespace dw::weights::tensors
