// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/error.h"
#include "data/array_source.h"
#include "data/class_names.h"
#include "data/open_options.h"
#include "data/sources/format_table.h"
#include "formats/safetensors.h"

namespace dw::data::sources {
namespace {

bool matches(const ReadFile& file) {
  const auto head = headOf(file, 9);
  if (head.size() < 2 || formats::beginsLikeSafetensors(head)) return false;
  const bool zip = head[0] == std::byte{'P'} && head[1] == std::byte{'K'};
  const bool pickle = head[0] == std::byte{0x80} && head[1] >= std::byte{2} && head[1] <= std::byte{5};
  return zip || pickle;
}

const formats::NamedArray& choose(const formats::PtFile& pt, const std::filesystem::path& path,
                                  const std::string& name) {
  const auto found = std::find_if(pt.tensors.begin(), pt.tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found != pt.tensors.end()) return *found;
  std::string entries;
  for (std::size_t i = 0; i < std::min<std::size_t>(pt.entries.size(), 12); ++i)
    entries += (i > 0 ? ", '" : "'") + pt.entries[i] + "'";
  if (pt.entries.size() > 12) entries += " and " + std::to_string(pt.entries.size() - 12) + " more";
  if (pt.rootKind == "dict") {
    throw Error(
        ErrorKind::BadData, path,
        "the dict in this file has no tensor '" + name + "'; its entries are " + (entries.empty() ? "none" : entries),
        "name the entry with the latents 'latents', or choose one by data.dataset");
  }
  throw Error(ErrorKind::BadData, path,
              "this file holds a " + pt.rootKind + ", not a dict with 'latents' and not a tensor",
              "save {'latents': tensor} or the tensor itself by torch.save");
}

std::shared_ptr<const LatentSource> open(const std::filesystem::path& path, const OpenOptions& options) {
  const auto& dataset = options.dataset;
  const auto pt = formats::readPtFile(path);
  const bool bare = pt.rootKind == "tensor" && dataset.empty();
  const auto& latents = choose(pt, path, bare ? "" : dataset.empty() ? "latents" : dataset);
  const auto bytes = fileBytes(pt.file);
  SideData side;
  SourceInfo info;
  for (const auto& tensor : pt.tensors) {
    if (tensor.name == "keys") side.keys = readIntegers(*bytes, tensor.layout, path, tensor.name);
    if (tensor.name == "labels") side.labels = readIntegers(*bytes, tensor.layout, path, tensor.name);
    if (tensor.name == kClassNamesArray) info.classNames = classNamesIn(*bytes, tensor.layout);
    if (tensor.name == "context") side.context = contextFrom(bytes, tensor.layout, path, tensor.name);
  }
  info.path = path;
  info.format = "pt";
  info.dataset = latents.name;
  info.axes = options.axes;
  info.bytes = pt.file->size();
  return std::make_shared<const ArraySource>(std::move(info), bytes, latents.layout, std::move(side));
}

std::vector<Candidate> candidates(const std::filesystem::path& path) {
  const auto pt = formats::readPtFile(path);
  std::vector<Candidate> found;
  for (const auto& tensor : pt.tensors)
    found.push_back(candidateOf(tensor.name, tensor.layout.type, tensor.layout.shape));
  return found;
}

}  // namespace

extern const Format kPtFormat{"pt",    ".pt .pth", ".pt or .pth of torch.save with a tensor or a dict with 'latents'",
                              matches, open,       candidates};

}  // namespace dw::data::sources
