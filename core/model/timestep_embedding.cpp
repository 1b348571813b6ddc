// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/timestep_embedding.h"

#include <cmath>

namespace dw::model {

namespace {

constexpr double kTimeFactor = 1000.0;  // t in [0, 1] becomes the 0..1000 of the 1000-step schedules
constexpr double kLongestPeriod = 10000.0;

torch::Tensor frequencies(std::int64_t count) {
  const auto i = torch::arange(count, torch::kFloat32);
  return torch::exp(i * -std::log(kLongestPeriod) / static_cast<double>(count)).unsqueeze(0);
}

}  // namespace

TimestepEmbedding::TimestepEmbedding(std::int64_t dim)
    : freqs_(register_buffer("freqs", frequencies(dim / 2))),
      proj_(register_module("proj", torch::nn::Sequential(torch::nn::Linear(dim, dim), torch::nn::Mish()))) {}

torch::Tensor TimestepEmbedding::forward(const torch::Tensor& t) {
  const auto angles = (t * kTimeFactor).unsqueeze(-1) * freqs_;  // [n, 1, D/2]
  return proj_->forward(torch::cat({angles.cos(), angles.sin()}, -1)).to(t.scalar_type());
}

}  // namespace dw::model
