// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "base/error.h"
#include "data/array_source.h"
#include "data/class_names.h"
#include "data/format_table.h"
#include "data/h5_reader.h"

namespace dw::data {
namespace {

using formats::NumberType;
constexpr std::int64_t kLargestChunk = 1LL << 30;
constexpr std::uint64_t kMostPacking = 1100;  // deflate packs at most 1032 : 1

/// The signature stands at 0, 512, 1024, 2048, ... (HDF5 file format specification, "superblock").
bool matches(const ReadFile& file) {
  for (std::uint64_t at = 0; at < file.size() && at <= (1U << 20); at = at == 0 ? 512 : at * 2) {
    std::array<std::byte, 8> signature{};
    if (file.readSome(at, signature) == 8 && std::memcmp(signature.data(), "\x89HDF\r\n\x1a\n", 8) == 0) return true;
  }
  return false;
}

std::optional<NumberType> typeOf(const H5Dataset& dataset) {
  static const std::map<std::string, NumberType> kTypes{
      {"float16", NumberType::Float16}, {"bfloat16", NumberType::BFloat16}, {"float32", NumberType::Float32},
      {"float64", NumberType::Float64}, {"uint8", NumberType::UInt8},       {"int8", NumberType::Int8},
      {"int16", NumberType::Int16},     {"uint16", NumberType::UInt16},     {"int32", NumberType::Int32},
      {"uint32", NumberType::UInt32},   {"int64", NumberType::Int64},       {"uint64", NumberType::UInt64}};
  const auto found = kTypes.find(dataset.dtype);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

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

/// The one asked for; else the one called latents; else the only fitting one.
std::size_t choose(const std::vector<H5Dataset>& datasets, const std::filesystem::path& path,
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

/// Chunked or compact numbers, read by the helper process.
class Hdf5ChunkSource : public LatentSource {
 public:
  Hdf5ChunkSource(SourceInfo info, SideData side, std::shared_ptr<H5Reader> reader, std::size_t dataset)
      : info_(std::move(info)),
        side_(std::move(side)),
        reader_(std::move(reader)),
        dataset_(dataset),
        type_(*typeOf(reader_->datasets()[dataset])) {}

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return side_.labels; }
  std::span<const std::int64_t> keys() const override { return side_.keys; }
  const LatentSource* context() const override { return side_.context.get(); }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    std::vector<H5Item> items(samples.size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {samples[i], crops[i]};
    std::vector<std::byte> bytes(out.size() * formats::sizeOf(type_));
    reader_->read(dataset_, items, bytes);
    formats::toFloats(type_, reader_->datasets()[dataset_].bigEndian, bytes, out);
  }

 private:
  SourceInfo info_;
  SideData side_;
  std::shared_ptr<H5Reader> reader_;
  std::size_t dataset_;
  NumberType type_;
};

/// Whole numbers of rank 1 beside the latents, in the same group: labels, keys.
std::vector<std::int64_t> readBeside(H5Reader& reader, const std::string& latents, const char* name,
                                     std::int64_t samples) {
  const auto& all = reader.datasets();
  const auto full = latents.substr(0, latents.size() - leafOf(latents).size()) + name;
  const auto found = std::find_if(all.begin(), all.end(), [&](const H5Dataset& d) { return d.name == full; });
  if (found == all.end() || found->kind != "integer" || found->shape != std::vector{samples} || found->external ||
      !typeOf(*found))
    return {};
  if (!found->missingFilters.empty() || found->layout == "virtual") return {};
  const auto size = formats::sizeOf(*typeOf(*found));
  std::vector<std::byte> bytes(static_cast<std::size_t>(samples) * size);
  const H5Item whole{-1, 0};
  reader.read(static_cast<std::size_t>(found - all.begin()), {&whole, 1}, bytes);
  std::vector<std::int64_t> values(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = formats::toInteger(*typeOf(*found), found->bigEndian, std::span(bytes).subspan(i * size, size));
  }
  return values;
}

std::vector<std::string> classNamesBeside(H5Reader& reader, const std::string& latents) {
  constexpr std::int64_t kLongest = 16 << 20;
  const auto& all = reader.datasets();
  const auto full = latents.substr(0, latents.size() - leafOf(latents).size()) + kClassNamesArray;
  const auto found = std::find_if(all.begin(), all.end(), [&](const H5Dataset& d) { return d.name == full; });
  if (found == all.end() || found->dtype != "uint8" || found->shape.size() != 1 || found->shape[0] > kLongest ||
      found->layout != "contiguous" || found->external)
    return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(found->shape[0]));
  const H5Item whole{-1, 0};
  reader.read(static_cast<std::size_t>(found - all.begin()), {&whole, 1}, bytes);
  return classNamesFrom(bytes);
}

/// Context vectors beside the latents.
std::shared_ptr<const LatentSource> contextBeside(const std::vector<H5Dataset>& all, const std::string& latents,
                                                  const std::shared_ptr<const ReadFile>& file) {
  const auto full = latents.substr(0, latents.size() - leafOf(latents).size()) + "context";
  const auto found = std::find_if(all.begin(), all.end(), [&](const H5Dataset& d) { return d.name == full; });
  if (found == all.end() || !typeOf(*found) || found->layout != "contiguous" || found->external || found->offset < 0) return nullptr;
  formats::ArrayLayout layout{*typeOf(*found), found->bigEndian, static_cast<std::uint64_t>(found->offset), found->shape,
                              formats::rowMajorStrides(found->shape)};
  formats::checkInside(layout, 0, file->size(), file->path(), "the dataset '" + full + "'");
  return contextFrom(fileBytes(file), layout, file->path(), full);
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
}

std::shared_ptr<const LatentSource> open(const std::filesystem::path& path, const OpenOptions& options) {
  const auto file = std::make_shared<const ReadFile>(path);
  const auto reader = std::make_shared<H5Reader>(path);
  const auto index = choose(reader->datasets(), path, options.dataset);
  const auto& dataset = reader->datasets()[index];
  SourceInfo info;
  info.path = path;
  info.format = "hdf5";
  info.axes = options.axes;
  info.dataset = dataset.name;
  info.dtype = dataset.dtype;
  info.bytes = file->size();
  const std::string what = "the dataset '" + dataset.name + "'";
  const auto type = typeOf(dataset);
  if (!type || !formats::isFloating(*type)) {
    throw Error(ErrorKind::BadData, path, what + " holds the type " + dataset.dtype + ", which latents are not",
                "store latents as float16, bfloat16, float32 or float64");
  }
  applyShape(info, dataset.shape, what);
  refuseUnreadable(dataset, info, what);
  SideData side{.labels = readBeside(*reader, dataset.name, "labels", info.samples),
                .keys = readBeside(*reader, dataset.name, "keys", info.samples),
                .context = contextBeside(reader->datasets(), dataset.name, file)};
  info.classNames = classNamesBeside(*reader, dataset.name);
  if (dataset.layout == "contiguous" && dataset.filters.empty()) {
    if (dataset.offset < 0)
      throw Error(ErrorKind::BadData, path, what + " was declared, but its numbers were never written",
                  "write it again");
    formats::ArrayLayout layout{*type, dataset.bigEndian, static_cast<std::uint64_t>(dataset.offset), dataset.shape,
                                formats::rowMajorStrides(dataset.shape)};
    formats::checkInside(layout, 0, file->size(), path, what);
    return std::make_shared<const ArraySource>(std::move(info), fileBytes(file), std::move(layout), std::move(side));
  }
  checkSideData(info, side);
  return std::make_shared<const Hdf5ChunkSource>(std::move(info), std::move(side), reader, index);
}

}  // namespace

const Format kHdf5Format{"hdf5", "HDF5 (.h5) with floating numbers of rank 4 or 5", matches, open};

}  // namespace dw::data
