// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/hdf5/h5_datasets.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "data/array_source.h"

namespace dw::data::hdf5 {
namespace {

using formats::NumberType;
constexpr std::int64_t kLargestChunk = 1LL << 30;
constexpr std::uint64_t kMostPacking = 1100;   // deflate packs at most 1032 : 1
constexpr std::int64_t kMostPieces = 1 << 16;  // each is asked for and remembered on its own

std::string leafOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

bool fits(const H5Dataset& dataset) {
  const auto type = typeOf(dataset);
  return type && formats::isFloating(*type) && (dataset.shape.size() == 4 || dataset.shape.size() == 5);
}

/// Names that say that the numbers are something else: such a dataset is taken only when it is asked for by name.
bool claimsOtherwise(const H5Dataset& dataset) {
  static const std::array<std::string, 6> kOther{"images", "image", "pixels", "pictures", "noise", "masks"};
  return std::find(kOther.begin(), kOther.end(), leafOf(dataset.name)) != kOther.end();
}

std::string listOf(const std::vector<H5Dataset>& datasets) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(datasets.size(), 12); ++i) {
    text += (i > 0 ? "; " : "") + datasets[i].name + " " + datasets[i].dtype + " " + shapeText(datasets[i].shape);
  }
  if (datasets.size() > 12) text += "; and " + std::to_string(datasets.size() - 12) + " more";
  return text.empty() ? "none" : text;
}

}  // namespace

std::optional<NumberType> typeOf(const H5Dataset& dataset) {
  static const std::map<std::string, NumberType> kTypes{
      {"float16", NumberType::Float16}, {"bfloat16", NumberType::BFloat16}, {"float32", NumberType::Float32},
      {"float64", NumberType::Float64}, {"uint8", NumberType::UInt8},       {"int8", NumberType::Int8},
      {"int16", NumberType::Int16},     {"uint16", NumberType::UInt16},     {"int32", NumberType::Int32},
      {"uint32", NumberType::UInt32},   {"int64", NumberType::Int64},       {"uint64", NumberType::UInt64}};
  const auto found = kTypes.find(dataset.dtype);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

std::size_t chooseDataset(const std::vector<H5Dataset>& datasets, const std::filesystem::path& path,
                          const std::string& asked) {
  const auto refuse = [&](const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::BadData, path, why + "; datasets in the file: " + listOf(datasets), remedy);
  };
  const auto named = [&](const std::string& name) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < datasets.size(); ++i) {
      if (datasets[i].name == name || "/" + datasets[i].name == name) return std::vector{i};
      if (leafOf(datasets[i].name) == name) found.push_back(i);
    }
    return found;
  };
  const auto wanted = named(asked.empty() ? "latents" : asked);
  if (wanted.size() == 1) return wanted[0];
  if (!asked.empty())
    refuse(wanted.empty() ? "there is no dataset '" + asked + "'" : "several datasets are called '" + asked + "'",
           "name one of them in full");
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (fits(datasets[i])) fitting.push_back(i);
  }
  if (fitting.size() == 1 && !claimsOtherwise(datasets[fitting[0]])) return fitting[0];
  if (fitting.empty() && datasets.size() == 1) return 0;  // its own refusal says more: type, rank
  if (fitting.empty())
    refuse("no dataset holds latents (floating numbers of rank 4 or 5)",
           "store them as float16 of shape (samples, crops, channels, height, width)");
  refuse(fitting.size() > 1 ? "several datasets could be the latents" : "there is no dataset 'latents'",
         "choose one of them by data.dataset");
  return 0;
}

std::optional<std::size_t> readableBeside(const std::vector<H5Dataset>& datasets, const std::string& latents,
                                          const std::string& name) {
  const auto full = latents.substr(0, latents.size() - leafOf(latents).size()) + name;
  const auto found = std::find_if(datasets.begin(), datasets.end(), [&](const H5Dataset& d) { return d.name == full; });
  if (found == datasets.end() || !typeOf(*found) || found->external || found->layout == "virtual" ||
      !found->missingFilters.empty())
    return {};
  return static_cast<std::size_t>(found - datasets.begin());
}

void refuseUnreadable(const H5Dataset& dataset, const SourceInfo& info, const std::string& what) {
  const auto refuse = [&](const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::BadData, info.path, what + " " + why, remedy);
  };
  if (dataset.external) refuse("keeps its numbers in other files, which are not opened", "write them into this file");
  if (dataset.layout == "virtual") refuse("is put together from other datasets", "write it as an ordinary dataset");
  if (!dataset.missingFilters.empty()) {
    refuse("is packed by the filter '" + dataset.missingFilters[0] + "', which this machine does not have",
           "install the HDF5 plug-in for it, or write the file with gzip");
  }
  std::optional<std::uint64_t> chunk = formats::sizeOf(*typeOf(dataset));
  for (const auto n : dataset.chunk) chunk = chunk ? formats::product(*chunk, static_cast<std::uint64_t>(n)) : chunk;
  std::optional<std::uint64_t> total = formats::sizeOf(*typeOf(dataset));
  for (const auto n : dataset.shape) total = total ? formats::product(*total, static_cast<std::uint64_t>(n)) : total;
  if (!total || *total / kMostPacking > info.bytes)
    refuse("claims far more numbers than a file of this size holds: shape " + shapeText(dataset.shape),
           "write it again");
  if (!chunk || *chunk > static_cast<std::uint64_t>(kLargestChunk))
    refuse("is stored in chunks of more than 1 GiB", "write it with chunks of one or a few samples");
  if (dataset.layout != "chunked") return;
  if (dataset.chunk.size() != dataset.shape.size() || *chunk == 0)
    refuse("has the shape " + shapeText(dataset.shape) + " but chunks of the shape " + shapeText(dataset.chunk),
           "write it again");
  std::int64_t pieces = 1;
  for (std::size_t k = 1; k < dataset.shape.size() && pieces <= kMostPieces; ++k)
    pieces *= (dataset.shape[k] - 1) / dataset.chunk[k] + 1;
  if (pieces > kMostPieces)
    refuse("is cut into more than 65536 chunks for each sample", "write it with chunks of one or a few samples");
}

}  // namespace dw::data::hdf5
