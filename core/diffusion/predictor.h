// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace dw::diffusion {

/// What a prediction may depend on besides x_t and t. Undefined tensors mean "not given".
struct Condition {
  at::Tensor labels;            ///< class numbers [B], int64
  at::Tensor context;           ///< context rows [B, N, D]
  std::uint64_t routeSeed = 0;  ///< seed of the tokens that TREAD drops (stream "tread")
};

/// All that losses and samplers know of a model: predictor(x_t [B, C, H, W], t / T [B] in [0, 1), condition) ->
/// [B, C, H, W]. Keeps the diffusion and the model room apart.
using Predictor = std::function<at::Tensor(const at::Tensor& xT, const at::Tensor& time, const Condition& condition)>;

}  // namespace dw::diffusion
