// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <array>
#include <tuple>
#include <vector>

namespace dw::test {

/// The output of function(inputs...) and, after it, the gradient of each input, all computed in `type`. dy: the output's gradient.
template <std::size_t N, typename Function>
std::vector<torch::Tensor> outputAndGradients(const std::array<torch::Tensor, N>& inputs, const torch::Tensor& dy,
                                              torch::ScalarType type, Function function) {
  std::array<torch::Tensor, N> leaves;
  for (std::size_t i = 0; i < N; ++i) leaves[i] = inputs[i].to(type).clone().requires_grad_();
  const auto y = std::apply(function, leaves);
  y.backward(dy.to(type));
  std::vector<torch::Tensor> all{y.detach()};
  for (const auto& leaf : leaves) all.push_back(leaf.grad());
  return all;
}

/// The largest difference, as a share of the largest exact number.
inline double relativeError(const torch::Tensor& ours, const torch::Tensor& exact) {
  return ((ours.to(torch::kFloat64) - exact).abs().max() / exact.abs().max()).item<double>();
}

}  // namespace dw::test
