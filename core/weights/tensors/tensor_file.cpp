// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/tensors/tensor_file.h"

#include <array>
#include <span>

#include "base/error.h"
#include "formats/safetensors.h"

namespace dw::weights::tensors {
namespace {

constexpr std::array<std::pair<const char*, torch::ScalarType>, 10> kTypes{{{"F32", torch::kFloat32},
                                                                            {"F64", torch::kFloat64},
                                                                            {"F16", torch::kFloat16},
                                                                            {"BF16", torch::kBFloat16},
                                                                            {"I64", torch::kInt64},
                                                                            {"I32", torch::kInt32},
                                                                            {"I16", torch::kInt16},
                                                                            {"I8", torch::kInt8},
                                                                            {"U8", torch::kUInt8},
                                                                            {"BOOL", torch::kBool}}};

torch::ScalarType typeOf(const formats::TensorEntry& entry, const std::filesystem::path& path) {
  for (const auto& [name, type] : kTypes) {
    if (entry.dtype == name) return type;
  }
  throw Error(ErrorKind::BadData, path,
              "tensor '" + entry.name + "' has the number type " + entry.dtype + ", which is not supported",
              "save it as F32 or F16");
}

const char* nameOf(torch::ScalarType type) {
  for (const auto& [name, known] : kTypes) {
    if (known == type) return name;
  }
  throw Error(ErrorKind::Internal, std::string("no safetensors name for ") + torch::toString(type));
}

std::span<std::byte> bytesOf(const torch::Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.data_ptr()), static_cast<std::size_t>(tensor.nbytes())};
}

}  // namespace

training::NamedTensors readTensors(const std::filesystem::path& path) {
  const formats::SafetensorsFile file(path);
  training::NamedTensors all;
  for (const auto& entry : file.tensors()) {
    auto tensor = torch::empty(entry.shape, typeOf(entry, path));
    file.read(entry, bytesOf(tensor));
    all.push_back({entry.name, std::move(tensor)});
  }
  return all;
}

void writeTensors(const std::filesystem::path& path, const training::NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata) {
  std::vector<torch::Tensor> dense;  // keeps the bytes alive until they are written
  std::vector<formats::TensorToWrite> entries;
  dense.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) {
    dense.push_back(tensor.detach().to(torch::kCPU).contiguous());
    entries.push_back({name, nameOf(dense.back().scalar_type()), dense.back().sizes().vec(), bytesOf(dense.back())});
  }
  formats::writeSafetensors(path, entries, metadata);
}

training::NamedTensors stateDict(const torch::nn::Module& model) {
  training::NamedTensors all;
  for (const auto& item : model.named_parameters()) all.push_back({item.key(), item.value()});
  for (const auto& item : model.named_buffers()) all.push_back({item.key(), item.value()});
  return all;
}

training::NamedTensors readAverages(const std::filesystem::path& file, const torch::nn::Module& model) {
  auto all = readTensors(file);
  const auto buffers = model.named_buffers();
  std::erase_if(all, [&](const auto& entry) { return buffers.contains(entry.name); });
  return all;
}

void loadCheckpoint(const std::filesystem::path& folder, bool averaged, const torch::nn::Module& model) {
  // all: an average may hold no buffers
  training::copyByName(readTensors(folder / "model.safetensors"), stateDict(model), "the weights");
  if (averaged)
    training::copyByName(readAverages(folder / "ema.safetensors", model), training::namedParameters(model),
                         "the averaged weights");
}

}  // namespace dw::weights::tensors
