// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "formats/pt_file.h"

namespace dw::weights {

/// Key of a safetensors file's metadata under which our exports put, as JSON, what shapes do not tell (weight_export.h).
inline constexpr const char* kWeightFacts = "diffusion_workbench";

/// The weights of a model in a safetensors file or a state dict of torch.save (read without executing anything), under the
/// reference's names (core/model/README.md, section 2). What stands before all of them, such as "model." or "state_dict.model.", is cut off.
class WeightFile {
 public:
  /// Throws Error BadData: no known format, no weights of XUDiT in it, or numbers that are not floating.
  explicit WeightFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return file_->path(); }
  /// What was cut off; empty if nothing was.
  const std::string& prefix() const noexcept { return prefix_; }
  /// By name, without the prefix. Names without the prefix in a file that has one stand here in full.
  const std::vector<formats::NamedArray>& tensors() const noexcept { return tensors_; }
  const formats::NamedArray* find(const std::string& name) const;
  const ReadFile& file() const noexcept { return *file_; }
  /// Of a safetensors file; empty for others.
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }

 private:
  std::shared_ptr<const ReadFile> file_;
  std::vector<formats::NamedArray> tensors_;
  std::string prefix_;
  std::map<std::string, std::string> metadata_;
};

/// How names and shapes of a file agree with those a model has.
struct WeightFit {
  std::vector<std::string> missing;    ///< names the model has, but not the file
  std::vector<std::string> unknown;    ///< names the file has, but not the model
  std::vector<std::string> misshapen;  ///< "NAME is (96, 16) instead of (128, 16)"
  bool loads(bool ignoreExtras) const {
    return missing.empty() && misshapen.empty() && (ignoreExtras || unknown.empty());
  }
};

struct NamedShape {
  std::string name;
  std::vector<std::int64_t> shape;
};

WeightFit compareWeights(const WeightFile& file, const std::vector<NamedShape>& model);

/// These weights would load if those that the model does not have were left out.
class ExtraWeights : public Error {
 public:
  using Error::Error;
};

/// Throws Error BadData listing every name that is missing, unknown or misshapen, unless the fit loads; ExtraWeights if there
/// are only unknown ones.
void refuseUnfit(const WeightFit& fit, bool ignoreExtras, const std::filesystem::path& path);

}  // namespace dw::weights
