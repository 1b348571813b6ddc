// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/tensors/weight_import.h"

#include <torch/types.h>

#include <algorithm>

#include "base/error.h"
#include "weights/tensors/tensor_file.h"

namespace dw::weights::tensors {
namespace {

torch::ScalarType typeOf(formats::NumberType type) {
  switch (type) {
    case formats::NumberType::Float16: return torch::kFloat16;
    case formats::NumberType::BFloat16: return torch::kBFloat16;
    case formats::NumberType::Float64: return torch::kFloat64;
    default: return torch::kFloat32;
  }
}

/// Numbers that the array spans in the file, from its first to its last. The layout lies inside the file.
std::int64_t extentOf(const formats::ArrayLayout& layout) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < layout.shape.size(); ++i) {
    if (layout.shape[i] == 0) return 0;
    last += (layout.shape[i] - 1) * layout.strides[i];
  }
  return last + 1;
}

torch::Tensor readArray(const ReadFile& file, const formats::ArrayLayout& layout) {
  auto flat = torch::empty({extentOf(layout)}, typeOf(layout.type));
  auto* bytes = static_cast<std::byte*>(flat.data_ptr());
  file.read(layout.byteOffset, {bytes, static_cast<std::size_t>(flat.nbytes())});
  const auto size = static_cast<std::ptrdiff_t>(formats::sizeOf(layout.type));
  for (std::ptrdiff_t at = 0; layout.bigEndian && at < static_cast<std::ptrdiff_t>(flat.nbytes()); at += size)
    std::reverse(bytes + at, bytes + at + size);
  return flat.as_strided(layout.shape, layout.strides);
}

}  // namespace

void loadWeights(const WeightFile& file, const torch::nn::Module& model, bool ignoreExtras) {
  const auto own = stateDict(model);
  std::vector<NamedShape> shapes;
  for (const auto& entry : own) shapes.push_back({entry.name, entry.tensor.sizes().vec()});
  refuseUnfit(compareWeights(file, shapes), ignoreExtras, file.path());
  const torch::NoGradGuard noGrad;
  for (const auto& entry : own) {
    const auto given = readArray(file.file(), file.find(entry.name)->layout);
    // time_emb.freqs is a constant that is stored, not learnt. Rounded to 16 bits and multiplied by 1000 it turns the
    // embedding by whole radians; so the exact one stays where the file holds nothing but its rounding.
    const bool sameRounded = given.element_size() == 2 && !entry.tensor.requires_grad() &&
                             at::equal(entry.tensor.cpu().to(given.scalar_type()), given);
    if (!sameRounded) torch::Tensor(entry.tensor).copy_(given);
  }
}

}  // namespace dw::weights::tensors
