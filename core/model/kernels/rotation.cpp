// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/rotation.h"

namespace dw::model {

torch::Tensor axialTurns(const torch::Tensor& freqs, const torch::Tensor& pos) {
  const auto theta = (pos.unsqueeze(-2).unsqueeze(-2) * freqs.exp()).flatten(-2);
  return torch::complex(theta.cos(), theta.sin());
}

torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& turns) {
  const auto turned = 2 * turns.size(-1);
  const auto rest = x.size(-1) - turned;
  auto head = x.narrow(-1, 0, turned);
  // Pairs are read as complex numbers in place; an odd head size has no even strides, so it needs a copy.
  if (x.size(-1) % 2 != 0) head = head.contiguous();
  const auto pairs = torch::view_as_complex(head.unflatten(-1, {turned / 2, 2}));
  const auto out = torch::view_as_real(pairs * turns).flatten(-2);
  return rest == 0 ? out : torch::cat({out, x.narrow(-1, turned, rest)}, -1);
}

}  // namespace dw::model
