// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>

namespace dw::model {

/// TREAD (Krause et al. 2025): a random part of the image tokens bypasses the backbone.

/// How many of `tokens` image tokens go on: tokens - floor(tokens * rate). Throws Error Usage unless 0 <= rate < 1.
std::int64_t treadKeepCount(std::int64_t tokens, double rate);

/// For each of n samples a uniformly random set of treadKeepCount(tokens, rate) token numbers, rising: int64 [n, keep] on
/// the CPU. The same generator state gives the same sets; none = torch's default generator.
torch::Tensor drawTreadKeep(std::int64_t n, std::int64_t tokens, double rate,
                            std::optional<at::Generator> generator = std::nullopt);

/// Rows of x [n, L, D] by numbers [n, K] -> [n, K, D].
torch::Tensor takeTokens(const torch::Tensor& x, const torch::Tensor& numbers);

/// x [n, L, D] with rows `numbers` [n, K] replaced by rows [n, K, D].
torch::Tensor putTokens(const torch::Tensor& x, const torch::Tensor& numbers, const torch::Tensor& rows);

}  // namespace dw::model
