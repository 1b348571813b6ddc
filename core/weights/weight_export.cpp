// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weight_export.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/half.h"
#include "formats/safetensors.h"
#include "run_folder/checkpoint_folder.h"
#include "weights/weight_file.h"

namespace dw::weights {
namespace {

namespace fs = std::filesystem;
constexpr const char* kModel = "model.safetensors";
constexpr const char* kAverage = "ema.safetensors";

/// float -> the upper 16 bits, rounded to nearest even; NaN stays NaN.
std::uint16_t floatToBFloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

struct Type {
  const char* name;                ///< as a user writes it
  const char* safetensors;         ///< as the file does
  std::uint16_t (*narrow)(float);  ///< null: 32 bits
  std::uint16_t infinity;          ///< what a finite number beyond the type becomes
};
constexpr std::array kTypes{Type{"f32", "F32", nullptr, 0},
                            Type{"f16", "F16", [](float value) { return floatToHalf(value); }, 0x7C00},
                            Type{"bf16", "BF16", floatToBFloat16, 0x7F80}};

const Type& typeOf(const std::string& name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& type) { return name == type.name; });
  if (found == kTypes.end())
    throw Error(ErrorKind::Usage, "weights are not written as '" + name + "'", "choose f32, f16 or bf16");
  return *found;
}

std::vector<std::byte> narrowed(const std::vector<float>& values, const Type& type, const fs::path& out,
                                const std::string& name) {
  std::vector<std::byte> bytes(values.size() * 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = type.narrow(values[i]);
    if ((bits & 0x7FFFU) == type.infinity && std::isfinite(values[i]))
      throw Error(ErrorKind::BadData, out,
                  name + " holds " + std::to_string(values[i]) + ", which is too large for " + type.name,
                  "write the weights as f32, or as bf16, which reaches as far");
    std::memcpy(bytes.data() + 2 * i, &bits, sizeof bits);
  }
  return bytes;
}

/// The numbers of a tensor as the file shall hold them. Checkpoints are dense and little-endian: our own writer made them.
std::vector<std::byte> bytesOf(const WeightFile& file, const formats::NamedArray& tensor, const Type& type,
                               const fs::path& out) {
  std::size_t count = 1;
  for (const auto n : tensor.layout.shape) count *= static_cast<std::size_t>(n);
  std::vector<std::byte> stored(count * formats::sizeOf(tensor.layout.type));
  file.file().read(tensor.layout.byteOffset, stored);
  if (type.narrow == nullptr && tensor.layout.type == formats::NumberType::Float32) return stored;
  std::vector<float> values(count);
  formats::toFloats(tensor.layout.type, tensor.layout.bigEndian, stored, values);
  if (type.narrow != nullptr) return narrowed(values, type, out, tensor.name);
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

std::map<std::string, std::string> metadataOf(const fs::path& checkpoint, const WeightExport& how) {
  const auto state = run_folder::readState(checkpoint);
  nlohmann::json facts{{"format", 1}, {"averaged", how.averaged}, {"step", state.value("step", nlohmann::json(0))}};
  for (const char* key : {"model", "scale"}) {
    if (state.contains(key)) facts[key] = state[key];
  }
  // "format": readers of PyTorch's libraries look for it.
  return {{"format", "pt"}, {kWeightFacts, facts.dump()}};
}

/// Under a name beside it first, so that a failure leaves what stood there.
void writeWhole(const fs::path& out, const std::vector<formats::TensorToWrite>& tensors,
                const std::map<std::string, std::string>& metadata) {
  auto temporary = out;
  temporary +=
      std::string(kTemporaryMark) + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  try {
    formats::writeSafetensors(temporary, tensors, metadata);
    renameDurably(temporary, out);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

}  // namespace

bool hasAverage(const fs::path& checkpoint) {
  std::error_code hidden;
  return fs::exists(checkpoint / kAverage, hidden);
}

bool exportWeights(const fs::path& checkpoint, const WeightExport& how, const fs::path& out,
                   const std::function<bool(double)>& shouldContinue) {
  const auto& type = typeOf(how.dtype);
  if (how.averaged && !hasAverage(checkpoint))
    throw Error(ErrorKind::Usage, checkpoint, "this checkpoint holds no average of the weights (EMA)",
                "export the weights themselves");
  run_folder::verify(checkpoint);
  const WeightFile model(checkpoint / kModel);
  const auto average = how.averaged ? std::make_unique<WeightFile>(checkpoint / kAverage) : nullptr;
  std::vector<std::vector<std::byte>> kept;
  std::vector<formats::TensorToWrite> tensors;
  kept.reserve(model.tensors().size());
  for (const auto& own : model.tensors()) {
    if (shouldContinue &&
        !shouldContinue(static_cast<double>(kept.size()) / static_cast<double>(model.tensors().size())))
      return false;
    // What is not learnt, such as time_emb.freqs, has no average.
    const auto* averaged = average ? average->find(own.name) : nullptr;
    const auto& from = averaged != nullptr ? *averaged : own;
    kept.push_back(bytesOf(averaged != nullptr ? *average : model, from, type, out));
    tensors.push_back({how.prefix + own.name, type.safetensors, from.layout.shape, kept.back()});
  }
  writeWhole(out, tensors, metadataOf(checkpoint, how));
  return true;
}

}  // namespace dw::weights
