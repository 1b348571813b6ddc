// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "data/array_source.h"
#include "data/class_names.h"
#include "data/open_options.h"
#include "data/sources/format_table.h"
#include "formats/safetensors.h"

namespace dw::data::sources {
namespace {

/// No magic number: a plausible header length and then JSON, or a file whose ending says so (so that broken ones get the
/// reader's own sentence).
bool matches(const ReadFile& file) {
  const auto head = headOf(file, 9);
  return file.path().extension() == ".safetensors" ||
         (head.size() == 9 && head[8] == std::byte{'{'} && head[7] == std::byte{0});
}

std::shared_ptr<const LatentSource> open(const std::filesystem::path& path, const OpenOptions& options) {
  const auto& dataset = options.dataset;
  const formats::SafetensorsFile file(path);
  const auto* latents = file.find(dataset.empty() ? "latents" : dataset);
  if (latents == nullptr && dataset.empty() && file.tensors().size() == 1) latents = &file.tensors().front();
  if (latents == nullptr) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(file.tensors().size(), 12); ++i)
      names += (i > 0 ? ", '" : "'") + file.tensors()[i].name + "'";
    throw Error(ErrorKind::BadData, path,
                "there is no tensor '" + (dataset.empty() ? "latents" : dataset) + "'; the file holds " +
                    (names.empty() ? "none" : names),
                "choose one of them by data.dataset");
  }
  const auto readFile = std::make_shared<const ReadFile>(path);
  const auto bytes = fileBytes(readFile);
  SideData side;
  if (const auto* keys = file.find("keys"))
    side.keys = readIntegers(*bytes, formats::layoutOf(*keys, path), path, "keys");
  if (const auto* labels = file.find("labels"))
    side.labels = readIntegers(*bytes, formats::layoutOf(*labels, path), path, "labels");
  if (const auto* context = file.find("context"))
    side.context = contextFrom(bytes, formats::layoutOf(*context, path), path, "context");
  SourceInfo info;
  if (const auto* names = file.find(kClassNamesArray))
    info.classNames = classNamesIn(*bytes, formats::layoutOf(*names, path));
  info.path = path;
  info.format = "safetensors";
  info.dataset = latents->name;
  info.axes = options.axes;
  info.bytes = readFile->size();
  return std::make_shared<const ArraySource>(std::move(info), bytes, formats::layoutOf(*latents, path),
                                             std::move(side));
}

std::vector<Candidate> candidates(const std::filesystem::path& path) {
  const formats::SafetensorsFile file(path);
  std::vector<Candidate> found;
  for (const auto& tensor : file.tensors()) {
    try {
      found.push_back(candidateOf(tensor.name, layoutOf(tensor, path).type, tensor.shape));
    } catch (const Error&) {  // a type that is not read
      found.push_back({tensor.name, tensor.dtype, tensor.shape, false});
    }
  }
  return found;
}

}  // namespace

extern const Format kSafetensorsFormat{"safetensors", ".safetensors", ".safetensors with a tensor 'latents'",
                                       matches,       open,           candidates};

}  // namespace dw::data::sources
