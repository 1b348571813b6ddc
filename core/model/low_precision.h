// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// While it lives with on = true, matrix products and attention on that device compute in bfloat16 from float32 weights and
/// hand bfloat16 on; norms, modulation, positions, the residual stream and all sums stay float32 (PyTorch's "automatic mixed
/// precision"; Micikevicius et al. 2018, without loss scaling, which bfloat16 does not need). With on = false they compute as
/// the weights are, whatever lives outside. For the forward pass: the backward one follows it by itself. Of this thread only.
class LowPrecision {
 public:
  LowPrecision(c10::DeviceType device, bool on);
  ~LowPrecision();
  LowPrecision(const LowPrecision&) = delete;
  LowPrecision& operator=(const LowPrecision&) = delete;

  /// Whether products compute in bfloat16 on this thread.
  static bool isOn(c10::DeviceType device);

 private:
  c10::DeviceType device_;
  bool before_;
  c10::ScalarType typeBefore_;
};

}  // namespace dw::model
