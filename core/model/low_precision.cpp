// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/low_precision.h"

#include <ATen/autocast_mode.h>

namespace dw::model {

// LibTorch keeps weights that it made bfloat16, and knows nothing of updates of the weights nor of whether gradients were
// asked for: each begin and end forgets them.
LowPrecision::LowPrecision(c10::DeviceType device, bool on)
    : device_(device), before_(isOn(device)), typeBefore_(at::autocast::get_autocast_dtype(device)) {
  at::autocast::set_autocast_dtype(device_, torch::kBFloat16);
  at::autocast::set_autocast_enabled(device_, on);
  at::autocast::clear_cache();
}

LowPrecision::~LowPrecision() {
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, before_);
  at::autocast::set_autocast_dtype(device_, typeBefore_);
}

bool LowPrecision::isOn(c10::DeviceType device) { return at::autocast::is_autocast_enabled(device); }

}  // namespace dw::model
