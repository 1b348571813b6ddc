// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/finite_check.h"

namespace dw::training {

std::optional<NonFinite> firstNonFinite(const NamedTensors& tensors) {
  const at::NoGradGuard noGrad;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined() || !tensor.is_floating_point()) continue;
    const auto bad = tensor.numel() - at::isfinite(tensor).sum().item<std::int64_t>();
    if (bad > 0) return NonFinite{.name = name, .count = bad, .nan = at::isnan(tensor).any().item<bool>()};
  }
  return std::nullopt;
}

}  // namespace dw::training
