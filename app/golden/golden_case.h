// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dw::golden {

/// One case of a golden folder: its manifest and every tensor of its safetensors file, names as stored
/// ("state.…", "in.…", "out.…", "out32.…", "gradin.…", "grad32.…").
struct Case {
  std::string section, name;
  nlohmann::json manifest;
  std::map<std::string, torch::Tensor> tensors;  ///< on the CPU
  at::Device device{at::kCPU};                   ///< where the model and the optimizers of the case are to run

  /// "xudit/seed"
  std::string fullName() const { return section + "/" + name; }
  bool has(const std::string& key) const { return tensors.count(key) > 0; }
  /// Throws Error BadData naming case and tensor if it is not there.
  const torch::Tensor& tensor(const std::string& key) const;
  /// Every tensor whose name begins with prefix, the prefix cut off.
  std::map<std::string, torch::Tensor> tensorsUnder(const std::string& prefix) const;
};

/// Result of one case. worst and tolerance belong to the tensor with the largest worst / tolerance.
struct Outcome {
  std::string name;  ///< "xudit/seed"
  bool pass = false;
  double worst = 0.0;
  double tolerance = 0.0;
  std::string detail;  ///< the tensor that decided, or why it failed
};

/// What a case computed, by the golden tensor's name (float64 run without suffix; the float32 run under "out32.", ...).
using TensorSink = std::map<std::string, torch::Tensor>;

/// A line of index.json.
struct CaseRef {
  std::string section, name;
  std::filesystem::path manifest;  ///< relative to the golden folder

  std::string fullName() const { return section + "/" + name; }
};

/// All cases that index.json lists, in its order. Throws Error.
std::vector<CaseRef> readIndex(const std::filesystem::path& folder);

/// Manifest and tensors of one case. Throws Error.
Case readCase(const std::filesystem::path& manifestPath);

/// Writes the tensors that are defined as a safetensors file. Throws Error.
void writeTensors(const std::filesystem::path& path, const TensorSink& tensors);

}  // namespace dw::golden
