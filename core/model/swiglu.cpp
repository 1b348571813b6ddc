// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/swiglu.h"

namespace dw::model {

SwiGlu::SwiGlu(std::int64_t dim, std::int64_t hidden)
    : w12_(register_module("w12", torch::nn::Linear(dim, 2 * hidden))),
      w3_(register_module("w3", torch::nn::Linear(hidden, dim))) {}

}  // namespace dw::model
