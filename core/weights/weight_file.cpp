// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weight_file.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "formats/safetensors.h"

namespace dw::weights {
namespace {

using formats::NamedArray;

constexpr const char* kLandmark = "in_patch.proj.weight";  // every XUDiT has it, and it stands at the root
constexpr std::size_t kMostNamed = 200;                    // of each kind, in a sentence

bool isPickleOrZip(const ReadFile& file) {
  std::array<std::byte, 9> head{};
  if (file.readSome(0, head) < head.size()) return false;
  if (formats::beginsLikeSafetensors(head)) return false;
  return head[0] == std::byte{0x80} || (head[0] == std::byte{'P'} && head[1] == std::byte{'K'});
}

std::vector<NamedArray> readSafetensors(const std::filesystem::path& path,
                                        std::map<std::string, std::string>& metadata) {
  const formats::SafetensorsFile file(path);
  metadata = file.metadata();
  std::vector<NamedArray> all;
  for (const auto& entry : file.tensors()) all.push_back({entry.name, formats::layoutOf(entry, path)});
  return all;
}

/// What stands before the landmark. Several models in one file (weights and their average): the shortest name is the model.
std::string prefixIn(const std::vector<NamedArray>& tensors, const std::filesystem::path& path) {
  const std::string landmark = kLandmark;
  const NamedArray* found = nullptr;
  for (const auto& tensor : tensors) {
    const bool here = tensor.name == landmark || tensor.name.ends_with("." + landmark);
    if (here && (found == nullptr || tensor.name.size() < found->name.size())) found = &tensor;
  }
  if (found == nullptr)
    throw Error(ErrorKind::BadData, path,
                std::string("these are no weights of XUDiT: there is no tensor '") + kLandmark + "'",
                "choose model.safetensors or ema.safetensors of a checkpoint, or a state dict saved by torch.save");
  return found->name.substr(0, found->name.size() - landmark.size());
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const auto n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "(" + text + ")";
}

/// A view with overlapping strides lets a small file claim any number of values, and a model would be built for the claim.
void refuseRepeats(const NamedArray& tensor, const ReadFile& file) {
  std::optional<std::uint64_t> bytes = formats::sizeOf(tensor.layout.type);
  for (const auto n : tensor.layout.shape)
    bytes = bytes ? formats::product(*bytes, static_cast<std::uint64_t>(n)) : bytes;
  if (!bytes || *bytes > file.size())
    throw Error(
        ErrorKind::BadData, file.path(),
        "'" + tensor.name + "' of shape " + shapeText(tensor.layout.shape) + " repeats numbers instead of storing them",
        "save the weights after .contiguous()");
}

std::string listOf(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > kMostNamed ? text + " and " + std::to_string(names.size() - kMostNamed) + " more" : text;
}

}  // namespace

WeightFile::WeightFile(const std::filesystem::path& path) : file_(std::make_shared<const ReadFile>(path)) {
  tensors_ = isPickleOrZip(*file_) ? formats::readPtFile(path).tensors : readSafetensors(path, metadata_);
  prefix_ = prefixIn(tensors_, path);
  for (auto& tensor : tensors_) {
    if (!formats::isFloating(tensor.layout.type))
      throw Error(ErrorKind::BadData, path,
                  "'" + tensor.name + "' holds numbers of the type " + formats::nameOf(tensor.layout.type) +
                      ", which weights are not",
                  "save the weights as float32, float16 or bfloat16");
    refuseRepeats(tensor, *file_);
    if (tensor.name.starts_with(prefix_)) tensor.name.erase(0, prefix_.size());
  }
  std::sort(tensors_.begin(), tensors_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(tensors_.begin(), tensors_.end(),
                                        [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != tensors_.end())
    throw Error(ErrorKind::BadData, path,
                "'" + twice->name + "' stands in the file with and without '" + prefix_ + "' before it",
                "keep one of them");
}

const NamedArray* WeightFile::find(const std::string& name) const {
  const auto found =
      std::lower_bound(tensors_.begin(), tensors_.end(), name, [](const auto& t, const auto& n) { return t.name < n; });
  return found != tensors_.end() && found->name == name ? &*found : nullptr;
}

WeightFit compareWeights(const WeightFile& file, const std::vector<NamedShape>& model) {
  WeightFit fit;
  std::map<std::string, const std::vector<std::int64_t>*> wanted;
  for (const auto& [name, shape] : model) wanted[name] = &shape;
  for (const auto& tensor : file.tensors()) {
    const auto found = wanted.find(tensor.name);
    if (found == wanted.end()) {
      fit.unknown.push_back(tensor.name);
      continue;
    }
    if (*found->second != tensor.layout.shape)
      fit.misshapen.push_back(tensor.name + " is " + shapeText(tensor.layout.shape) + " instead of " +
                              shapeText(*found->second));
    wanted.erase(found);
  }
  for (const auto& [name, shape] : wanted) fit.missing.push_back(name);
  return fit;
}

void refuseUnfit(const WeightFit& fit, bool ignoreExtras, const std::filesystem::path& path) {
  if (fit.loads(ignoreExtras)) return;
  std::string why;
  const auto add = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty())
      why += (why.empty() ? "" : "; ") + std::to_string(names.size()) + " " + what + ": " + listOf(names);
  };
  add("missing", fit.missing);
  if (!ignoreExtras) add("unknown", fit.unknown);
  add("of another shape", fit.misshapen);
  why = "these weights do not fit the model: " + why;
  if (fit.loads(true))
    throw ExtraWeights(ErrorKind::BadData, path, why,
                       "if the unknown ones are not needed, leave them out (--ignore-extras)");
  throw Error(ErrorKind::BadData, path, why, "give the model the settings with which these weights were trained");
}

}  // namespace dw::weights
