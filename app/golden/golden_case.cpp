// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/golden_case.h"

#include <span>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"
#include "formats/safetensors.h"

namespace dw::golden {

namespace {

/// dtypes of golden files, by their names in the file format.
const std::vector<std::pair<std::string, torch::ScalarType>>& dtypes() {
  static const std::vector<std::pair<std::string, torch::ScalarType>> all{
      {"F64", torch::kFloat64}, {"F32", torch::kFloat32}, {"F16", torch::kFloat16}, {"BF16", torch::kBFloat16},
      {"I64", torch::kInt64},   {"I32", torch::kInt32},   {"U8", torch::kUInt8},    {"BOOL", torch::kBool}};
  return all;
}

std::span<std::byte> bytesOf(const torch::Tensor& t) { return {static_cast<std::byte*>(t.data_ptr()), t.nbytes()}; }

/// Case and section names become file names, so they may not leave the folder.
void requirePlainPath(const std::filesystem::path& path, const std::filesystem::path& index) {
  bool plain = path.is_relative() && !path.empty();
  for (const auto& part : path) plain = plain && part != "..";
  if (!plain) throw Error(ErrorKind::BadData, index, "the path '" + path.string() + "' leaves the golden folder");
}

}  // namespace

const torch::Tensor& Case::tensor(const std::string& key) const {
  const auto found = tensors.find(key);
  if (found == tensors.end()) throw Error(ErrorKind::BadData, fullName() + " has no tensor " + key);
  return found->second;
}

std::map<std::string, torch::Tensor> Case::tensorsUnder(const std::string& prefix) const {
  std::map<std::string, torch::Tensor> found;
  for (auto it = tensors.lower_bound(prefix); it != tensors.end() && it->first.starts_with(prefix); ++it) {
    found.emplace(it->first.substr(prefix.size()), it->second);
  }
  return found;
}

std::vector<CaseRef> readIndex(const std::filesystem::path& folder) {
  const auto path = folder / "index.json";
  const auto index = config::parseJson(readTextFile(path), path);
  std::vector<CaseRef> refs;
  try {
    for (const auto& item : index.at("cases")) {
      refs.push_back({item.at("section").get<std::string>(), item.at("case").get<std::string>(),
                      item.at("manifest").get<std::string>()});
      requirePlainPath(refs.back().manifest, path);
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, path, "this is no index of golden cases: each needs section, case and manifest");
  }
  return refs;
}

std::map<std::string, torch::Tensor> readTensors(const std::filesystem::path& path) {
  const formats::SafetensorsFile file(path);
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& entry : file.tensors()) {
    const auto* dtype = &dtypes().front();
    const auto* const end = dtype + dtypes().size();
    while (dtype != end && dtype->first != entry.dtype) ++dtype;
    if (dtype == end) {
      throw Error(ErrorKind::BadData, path, "tensor " + entry.name + " is of type " + entry.dtype + ", which golden cases do not use");
    }
    auto tensor = torch::empty(entry.shape, dtype->second);
    file.read(entry, bytesOf(tensor));
    tensors.emplace(entry.name, std::move(tensor));
  }
  return tensors;
}

Case readCase(const std::filesystem::path& manifestPath) {
  Case result;
  result.manifest = config::parseJson(readTextFile(manifestPath), manifestPath);
  try {
    result.section = result.manifest.at("section").get<std::string>();
    result.name = result.manifest.at("case").get<std::string>();
    if (result.manifest.contains("file")) {
      const std::filesystem::path file = result.manifest.at("file").get<std::string>();
      requirePlainPath(file, manifestPath);
      result.tensors = readTensors(manifestPath.parent_path() / file);
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, manifestPath, "this is no golden case: it needs section and case");
  }
  return result;
}

void writeTensors(const std::filesystem::path& path, const TensorSink& tensors) {
  std::vector<torch::Tensor> dense;  // owns the bytes until they are written
  std::vector<formats::TensorToWrite> entries;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined()) continue;
    dense.push_back(tensor.detach().to(torch::kCPU).contiguous());
    for (const auto& [dtypeName, dtype] : dtypes()) {
      if (dtype == dense.back().scalar_type()) {
        entries.push_back({name, dtypeName, dense.back().sizes().vec(), bytesOf(dense.back())});
      }
    }
  }
  formats::writeSafetensors(path, entries);
}

}  // namespace dw::golden
