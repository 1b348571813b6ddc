// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/hdf5/h5_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace dw::data::hdf5 {
namespace {

constexpr std::chrono::seconds kPatience{70};  // above the helper's own limit of 60
constexpr std::uint64_t kLongestFacts = 32ULL << 20;

std::filesystem::path helper() {
  auto found = findHelper("dwb-h5probe", "DWB_H5PROBE");
  if (found.empty()) {
    throw Error(ErrorKind::Io, "the helper program dwb-h5probe, which reads HDF5 files, is not beside this program",
                "install Diffusion Workbench again, or set DWB_H5PROBE to its place");
  }
  return found;
}

H5Dataset datasetFrom(const nlohmann::json& facts) {
  H5Dataset dataset;
  dataset.name = facts.at("name").get<std::string>();
  dataset.kind = facts.at("class").get<std::string>();
  dataset.dtype = facts.at("dtype").get<std::string>();
  dataset.layout = facts.at("layout").get<std::string>();
  dataset.shape = facts.at("shape").get<std::vector<std::int64_t>>();
  dataset.chunk = facts.value("chunk", std::vector<std::int64_t>{});
  dataset.bigEndian = facts.at("big_endian").get<bool>();
  dataset.external = facts.at("external").get<bool>();
  dataset.offset = facts.at("offset").get<std::int64_t>();
  for (const auto& filter : facts.at("filters")) {
    const auto name = filter.at("name").get<std::string>();
    const auto id = std::to_string(filter.at("id").get<int>());
    dataset.filters.push_back(name.empty() ? "number " + id : name);
    if (!filter.at("available").get<bool>()) dataset.missingFilters.push_back(dataset.filters.back());
  }
  return dataset;
}

}  // namespace

H5Reader::H5Reader(const std::filesystem::path& path)
    : path_(path), child_(helper(), {std::filesystem::absolute(path).string()}) {
  try {
    readFacts();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, path_, "the contents of this HDF5 file could not be understood", "write it again");
  }
}

void H5Reader::readFacts() {
  std::uint64_t length = 0;
  if (!child_.receive(std::as_writable_bytes(std::span(&length, 1)), kPatience) || length > kLongestFacts)
    fail("listing its contents");
  std::string text(length, '\0');
  if (!child_.receive(std::as_writable_bytes(std::span(text.data(), text.size())), kPatience))
    fail("listing its contents");
  const auto facts = nlohmann::json::parse(text);
  if (facts.contains("error")) {
    throw Error(
        ErrorKind::BadData, path_, "this HDF5 file cannot be read: " + facts["error"].get<std::string>(),
        "it may be cut off, damaged or still open for writing: close the program that writes it, or fetch it again");
  }
  for (const auto& dataset : facts.at("datasets")) datasets_.push_back(datasetFrom(dataset));
}

void H5Reader::fail(const std::string& doing) {
  throw Error(ErrorKind::BadData, path_,
              "this HDF5 file seems to be damaged: the HDF5 library " + child_.end() + " when " + doing,
              "fetch the file again or write it anew");
}

void H5Reader::ask(H5Request request, std::span<const H5Item> items, const Answer& onAnswer) {
  const std::lock_guard lock(mutex_);
  for (std::size_t done = 0; done < items.size(); done += static_cast<std::size_t>(request.count)) {
    const auto some = items.subspan(done, std::min<std::size_t>(items.size() - done, kH5MostItems));
    request.count = static_cast<std::int64_t>(some.size());
    if (!child_.send(std::as_bytes(std::span(&request, 1)), kPatience) || !child_.send(std::as_bytes(some), kPatience))
      fail("reading samples");
    for (std::size_t i = 0; i < some.size(); ++i) {
      std::uint64_t bytes = 0;
      if (!child_.receive(std::as_writable_bytes(std::span(&bytes, 1)), kPatience)) fail("reading samples");
      onAnswer(done + i, bytes);
    }
  }
}

void H5Reader::receiveNumbers(std::size_t dataset, std::uint64_t promised, std::span<std::byte> out) {
  if (promised != out.size()) {
    child_.end();  // what follows would be out of step
    throw Error(
        ErrorKind::BadData, path_,
        "a part of '" + datasets_[dataset].name + "' cannot be read: a chunk is damaged or its checksum does not fit",
        "fetch the file again or write it anew");
  }
  if (!child_.receive(out, kPatience)) fail("reading samples");
}

void H5Reader::readSamples(std::size_t dataset, std::int64_t sampleAxis, std::int64_t cropAxis,
                           std::span<const H5Item> items, std::span<std::byte> out) {
  if (items.empty()) return;
  const auto each = out.size() / items.size();
  const H5Request request{
      .dataset = static_cast<std::int64_t>(dataset), .sampleAxis = sampleAxis, .cropAxis = cropAxis};
  ask(request, items,
      [&](std::size_t i, std::uint64_t bytes) { receiveNumbers(dataset, bytes, out.subspan(i * each, each)); });
}

void H5Reader::readRows(std::size_t dataset, std::int64_t first, std::int64_t count, std::span<std::byte> out) {
  const H5Item item{first, count};
  const H5Request request{.dataset = static_cast<std::int64_t>(dataset), .question = H5Query::Rows};
  ask(request, {&item, 1}, [&](std::size_t, std::uint64_t bytes) { receiveNumbers(dataset, bytes, out); });
}

std::vector<std::optional<H5Place>> H5Reader::places(std::size_t dataset, std::span<const std::int64_t> chunks) {
  std::vector<H5Item> items;
  for (const auto chunk : chunks) items.push_back({chunk, 0});
  std::vector<std::optional<H5Place>> places(chunks.size());
  const H5Request request{.dataset = static_cast<std::int64_t>(dataset), .question = H5Query::Chunks};
  ask(request, items, [&](std::size_t i, std::uint64_t bytes) {
    if (bytes == kH5Failed) return;
    H5Place place;
    receiveNumbers(dataset, bytes, std::as_writable_bytes(std::span(&place, 1)));
    places[i] = place;
  });
  return places;
}

}  // namespace dw::data::hdf5
