// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/rotation.h"

namespace dw::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// On a GPU the turns are small, and each operation on them costs its launch: autograd's own way back takes three times as
/// many. With u = e^(i theta) and G the gradient of u, the one of theta is Im(G conj(u)), and d theta / d freqs = theta.
class TurnsOnGpu : public torch::autograd::Function<TurnsOnGpu> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& freqs, const torch::Tensor& pos) {
    const auto theta = (pos.unsqueeze(-2).unsqueeze(-2) * freqs.exp()).flatten(-2);
    const auto turns = torch::complex(theta.cos(), theta.sin());
    context->save_for_backward({theta, turns});
    context->saved_data["shape"] = freqs.sizes().vec();
    return turns;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto byToken = torch::imag(gradients[0] * saved[1].conj()) * saved[0];  // [(n,) L, H, 2F]
    const auto shape = context->saved_data["shape"].toIntVector();
    return {byToken.flatten(0, -3).sum(0).view(shape), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor axialTurns(const torch::Tensor& freqs, const torch::Tensor& pos) {
  if (freqs.is_cuda() && !pos.requires_grad()) return TurnsOnGpu::apply(freqs, pos);
  const auto theta = (pos.unsqueeze(-2).unsqueeze(-2) * freqs.exp()).flatten(-2);
  return torch::complex(theta.cos(), theta.sin());
}

torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& turns) {
  // There are no complex numbers of two bfloat16.
  if (x.scalar_type() == torch::kBFloat16) return rotate(x.to(torch::kFloat32), turns);
  const auto turned = 2 * turns.size(-1);
  const auto rest = x.size(-1) - turned;
  auto head = rest == 0 ? x : x.narrow(-1, 0, turned);
  // Pairs are read as complex numbers in place; an odd head size has no even strides, so it needs a copy.
  if (x.size(-1) % 2 != 0) head = head.contiguous();
  const auto pairs = torch::view_as_complex(head.unflatten(-1, {turned / 2, 2}));
  const auto out = torch::view_as_real(pairs * turns).flatten(-2);
  return rest == 0 ? out : torch::cat({out, x.narrow(-1, turned, rest)}, -1);
}

}  // namespace dw::model
