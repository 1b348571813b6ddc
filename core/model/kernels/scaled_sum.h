// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// base + value * factor. value [n, L, D], factor [n, 1, D], base [n, L, D] or [n, 1, D].
torch::Tensor scaledSum(const torch::Tensor& base, const torch::Tensor& value, const torch::Tensor& factor);

}  // namespace dw::model
