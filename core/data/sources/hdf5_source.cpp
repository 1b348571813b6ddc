// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "data/class_names.h"
#include "data/hdf5/h5_chunks.h"
#include "data/hdf5/h5_datasets.h"
#include "data/open_options.h"
#include "data/sources/format_table.h"
#include "data/unpack_cache.h"

namespace dw::data::sources {
namespace {

constexpr std::int64_t kLongestNames = 16 << 20;
constexpr std::uint64_t kLongestPortion = 32ULL << 20;  // of packed numbers, unpacked at once

/// The signature stands at 0, 512, 1024, 2048, ... (HDF5 file format specification, "superblock").
bool matches(const ReadFile& file) {
  for (std::uint64_t at = 0; at < file.size() && at <= (1U << 20); at = at == 0 ? 512 : at * 2) {
    std::array<std::byte, 8> signature{};
    if (file.readSome(at, signature) == 8 && std::memcmp(signature.data(), "\x89HDF\r\n\x1a\n", 8) == 0) return true;
  }
  return false;
}

/// All of a small dataset beside the latents.
std::vector<std::byte> bytesOf(hdf5::H5Reader& reader, std::size_t index) {
  const auto& dataset = reader.datasets()[index];
  std::uint64_t count = formats::sizeOf(*hdf5::typeOf(dataset));
  for (const auto n : dataset.shape) count *= static_cast<std::uint64_t>(n);
  std::vector<std::byte> bytes(count);
  reader.readRows(index, -1, 0, bytes);
  return bytes;
}

/// Whole numbers of rank 1 beside the latents, in the same group: labels, keys.
std::vector<std::int64_t> readBeside(hdf5::H5Reader& reader, const SourceInfo& latents, const char* name) {
  const auto samples = latents.samples;
  const auto index = hdf5::readableBeside(reader.datasets(), latents.dataset, name);
  if (!index || reader.datasets()[*index].kind != "integer" || reader.datasets()[*index].shape != std::vector{samples})
    return {};
  const auto& found = reader.datasets()[*index];
  hdf5::refuseUnreadable(found, latents, "the dataset '" + found.name + "'");
  const auto bytes = bytesOf(reader, *index);
  const auto size = formats::sizeOf(*hdf5::typeOf(found));
  std::vector<std::int64_t> values(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = formats::toInteger(*hdf5::typeOf(found), found.bigEndian, std::span(bytes).subspan(i * size, size));
  }
  return values;
}

std::vector<std::string> classNamesBeside(hdf5::H5Reader& reader, const std::string& latents) {
  const auto index = hdf5::readableBeside(reader.datasets(), latents, kClassNamesArray);
  if (!index) return {};
  const auto& found = reader.datasets()[*index];
  if (found.dtype != "uint8" || found.shape.size() != 1 || found.shape[0] > kLongestNames ||
      found.layout != "contiguous")
    return {};
  return classNamesFrom(bytesOf(reader, *index));
}

/// The numbers of packed chunks as one piece, in the order of the file's axes; null where that was not asked for and not done
/// before, or cannot be done in portions because one row of the first axis is too long.
std::shared_ptr<const ReadFile> unpackedChunks(const hdf5::H5Array& array, const OpenOptions& options) {
  const auto& facts = array.facts();
  const auto rows = facts.shape[0];
  std::uint64_t bytes = formats::sizeOf(*hdf5::typeOf(facts));
  for (const auto n : facts.shape) bytes *= static_cast<std::uint64_t>(n);
  const auto row = bytes / static_cast<std::uint64_t>(rows);
  if (facts.layout != "chunked" || facts.filters.empty() || row > kLongestPortion) return nullptr;
  const Unpacking unpacking{.original = *array.file, .what = facts.name, .bytes = bytes};
  if (!options.unpack) return unpackedBefore(unpacking);
  return unpackedFile(unpacking, options, [&](const Put& put) {
    const auto most = static_cast<std::int64_t>(kLongestPortion / row);
    const auto step = std::clamp<std::int64_t>(facts.chunk[0], 1, most);
    std::vector<std::byte> portion;
    for (std::int64_t first = 0; first < rows; first += step) {
      const auto count = std::min(step, rows - first);
      portion.resize(static_cast<std::size_t>(count) * row);
      array.reader->readRows(array.index, first, count, portion);
      put(portion, static_cast<double>(first + count) / static_cast<double>(rows));
    }
  });
}

/// The source of a dataset whose shape and axes are known: read where it lies, if it lies in one piece.
std::shared_ptr<const LatentSource> sourceOf(SourceInfo info, SideData side, hdf5::H5Array array,
                                             const std::string& what, const OpenOptions& options) {
  const auto& facts = array.facts();
  if (const auto unpacked = unpackedChunks(array, options)) {
    formats::ArrayLayout layout{*hdf5::typeOf(facts), facts.bigEndian, 0, facts.shape,
                                formats::rowMajorStrides(facts.shape)};
    return std::make_shared<const ArraySource>(std::move(info), fileBytes(unpacked), std::move(layout),
                                               std::move(side));
  }
  if (facts.layout != "contiguous" || !facts.filters.empty())
    return hdf5::openChunks(std::move(info), std::move(side), std::move(array));
  if (facts.offset < 0)
    throw Error(ErrorKind::BadData, info.path, what + " was declared, but its numbers were never written",
                "write it again");
  formats::ArrayLayout layout{*hdf5::typeOf(facts), facts.bigEndian, static_cast<std::uint64_t>(facts.offset),
                              facts.shape, formats::rowMajorStrides(facts.shape)};
  formats::checkInside(layout, 0, array.file->size(), info.path, what);
  return std::make_shared<const ArraySource>(std::move(info), fileBytes(array.file), std::move(layout),
                                             std::move(side));
}

/// Context vectors beside the latents.
std::shared_ptr<const LatentSource> contextBeside(const hdf5::H5Array& latents, const OpenOptions& options) {
  const auto index = hdf5::readableBeside(latents.reader->datasets(), latents.facts().name, "context");
  if (!index) return nullptr;
  const hdf5::H5Array array{latents.file, latents.reader, *index};
  auto info = contextInfo(array.facts().shape, latents.file->path(), array.facts().name);
  info.bytes = array.file->size();
  info.dtype = array.facts().dtype;
  const auto what = "the dataset '" + array.facts().name + "'";
  requireFloating(info, *hdf5::typeOf(array.facts()), what);
  applyShape(info, array.facts().shape, what);
  hdf5::refuseUnreadable(array.facts(), info, what);
  return sourceOf(std::move(info), {}, array, what, options);
}

std::shared_ptr<const LatentSource> open(const std::filesystem::path& path, const OpenOptions& options) {
  hdf5::H5Array array{.file = std::make_shared<const ReadFile>(path), .reader = std::make_shared<hdf5::H5Reader>(path)};
  auto& reader = *array.reader;
  array.index = hdf5::chooseDataset(reader.datasets(), path, options.dataset);
  const auto& dataset = array.facts();
  SourceInfo info;
  info.path = path;
  info.format = "hdf5";
  info.axes = options.axes;
  info.dataset = dataset.name;
  info.dtype = dataset.dtype;
  info.bytes = array.file->size();
  const std::string what = "the dataset '" + dataset.name + "'";
  const auto type = hdf5::typeOf(dataset);
  if (!type || !formats::isFloating(*type)) {
    throw Error(ErrorKind::BadData, path, what + " holds the type " + dataset.dtype + ", which latents are not",
                "store latents as float16, bfloat16, float32 or float64");
  }
  applyShape(info, dataset.shape, what);
  hdf5::refuseUnreadable(dataset, info, what);
  SideData side{.labels = readBeside(reader, info, "labels"),
                .keys = readBeside(reader, info, "keys"),
                .context = contextBeside(array, options)};
  info.classNames = classNamesBeside(reader, dataset.name);
  return sourceOf(std::move(info), std::move(side), array, what, options);
}

std::vector<Candidate> candidates(const std::filesystem::path& path) {
  const hdf5::H5Reader reader(path);
  std::vector<Candidate> found;
  for (const auto& dataset : reader.datasets()) {
    const auto type = hdf5::typeOf(dataset);
    found.push_back(type ? candidateOf(dataset.name, *type, dataset.shape)
                         : Candidate{dataset.name, dataset.dtype, dataset.shape, false});
  }
  return found;
}

}  // namespace

extern const Format kHdf5Format{"hdf5",  ".h5 .hdf5", "HDF5 (.h5) with floating numbers of rank 4 or 5",
                                matches, open,        candidates};

}  // namespace dw::data::sources
