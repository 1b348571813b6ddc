// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/golden_case.h"

#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"
#include "weights/tensors/tensor_file.h"

namespace dw::golden {

namespace {

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

Case readCase(const std::filesystem::path& manifestPath) {
  Case result;
  result.manifest = config::parseJson(readTextFile(manifestPath), manifestPath);
  try {
    result.section = result.manifest.at("section").get<std::string>();
    result.name = result.manifest.at("case").get<std::string>();
    if (result.manifest.contains("file")) {
      const std::filesystem::path file = result.manifest.at("file").get<std::string>();
      requirePlainPath(file, manifestPath);
      for (auto& [name, tensor] : weights::tensors::readTensors(manifestPath.parent_path() / file))
        result.tensors.emplace(name, tensor);
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, manifestPath, "this is no golden case: it needs section and case");
  }
  return result;
}

void writeTensors(const std::filesystem::path& path, const TensorSink& tensors) {
  training::NamedTensors defined;
  for (const auto& [name, tensor] : tensors) {
    if (tensor.defined()) defined.push_back({name, tensor});
  }
  weights::tensors::writeTensors(path, defined);
}

}  // namespace dw::golden
