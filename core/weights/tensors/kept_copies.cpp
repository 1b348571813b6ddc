// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/tensors/kept_copies.h"

namespace dw::weights::tensors {

void KeptCopies::take(const training::NamedTensors& from) {
  const at::NoGradGuard noGrad;
  copies_.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto& tensor = from[i].tensor;
    auto& copy = copies_[i];
    const bool fits = copy.tensor.defined() && copy.tensor.sizes() == tensor.sizes() &&
                      copy.tensor.scalar_type() == tensor.scalar_type();
    if (!fits) copy.tensor = at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
    copy.name = from[i].name;
    copy.tensor.copy_(tensor);
  }
}

}  // namespace dw::weights::tensors
