// SPDX-License-Identifier: GPL-3.0-or-later
// dwb-h5probe FILE: tells what an HDF5 file holds and reads samples from it, for a parent that must not crash with it.
// With a terminal on its output it only prints the JSON.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <vector>

#include "base/child_side.h"
#include "base/terminal.h"
#include "chunk_scout.h"
#include "data/hdf5/h5_protocol.h"
#include "h5_walk.h"
#include "lzf_filter.h"

namespace {

using nlohmann::json;
constexpr unsigned kSecondsForOneTask = 60;
constexpr std::size_t kChunkCacheBytes = 64U << 20, kMostChunkCacheBytes = 1U << 30;
constexpr double kWidestNumber = 8.0;  // bytes
constexpr std::uint64_t kMostMemory = 4ULL << 30;

bool sendValue(const auto& value) { return dw::writeToParent(std::as_bytes(std::span(&value, 1))); }
bool sendBytes(std::span<const char> bytes) { return dw::writeToParent(std::as_bytes(bytes)); }

using dw::data::hdf5::H5Item;
using dw::data::hdf5::H5Query;
using dw::data::hdf5::H5Request;
using Extent = std::array<hsize_t, H5S_MAX_RANK>;

/// The box of the dataset that a question is about; count comes as the whole shape.
void choose(const H5Request& request, const H5Item& item, int rank, Extent& start, Extent& count) {
  const auto take = [&](std::int64_t axis, std::int64_t first, std::int64_t many) {
    if (axis < 0 || axis >= rank || first < 0 || many < 1) throw std::runtime_error("range");
    start[static_cast<std::size_t>(axis)] = static_cast<hsize_t>(first);
    count[static_cast<std::size_t>(axis)] = static_cast<hsize_t>(many);
  };
  if (request.question == H5Query::Rows) {
    if (item.first >= 0) take(0, item.first, item.second);
    return;
  }
  take(request.sampleAxis, item.first, 1);
  if (request.cropAxis >= 0) take(request.cropAxis, item.second, 1);
}

/// Numbers of a dataset in the number type of the file.
std::vector<char> readItem(hid_t dataset, const H5Request& request, const H5Item& item) {
  const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  Extent start{}, count{};
  const int rank = H5Sget_simple_extent_dims(space, count.data(), nullptr);
  if (rank < 1 || type < 0) throw std::runtime_error("shape");
  choose(request, item, rank, start, count);
  const hid_t memory = H5Screate_simple(rank, count.data(), nullptr);
  if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
      H5Sselect_valid(space) <= 0)
    throw std::runtime_error("range");
  std::vector<char> bytes(static_cast<std::size_t>(H5Sget_select_npoints(space)) * H5Tget_size(type));
  const auto failed = H5Dread(dataset, type, memory, space, H5P_DEFAULT, bytes.data()) < 0;
  H5Sclose(memory);
  H5Tclose(type);
  H5Sclose(space);
  if (failed) throw std::runtime_error("read");
  return bytes;
}

bool answer(hid_t dataset, const H5Request& request, const H5Item& item) {
  try {
    if (request.question == H5Query::Chunks) {
      const auto place = dw::h5probe::chunkPlace(dataset, item.first);
      if (!place) return sendValue(dw::data::hdf5::kH5Failed);
      return sendValue(std::uint64_t{sizeof *place}) && sendValue(*place);
    }
    const auto bytes = readItem(dataset, request, item);
    const auto size = static_cast<std::uint64_t>(bytes.size());
    return sendValue(size) && sendBytes(bytes);
  } catch (const std::exception&) {
    return sendValue(dw::data::hdf5::kH5Failed);
  }
}

/// Every chunk that one index of the first axis touches, and as much again: samples one after another then unpack each
/// chunk once.
std::size_t chunkCacheFor(const json& facts) {
  if (!facts.contains("chunk") || facts["chunk"].size() != facts["shape"].size()) return kChunkCacheBytes;
  double bytes = 2.0 * kWidestNumber * facts["chunk"][0].get<double>();
  for (std::size_t k = 1; k < facts["shape"].size(); ++k) bytes *= facts["shape"][k].get<double>();
  return static_cast<std::size_t>(
      std::clamp(bytes, static_cast<double>(kChunkCacheBytes), static_cast<double>(kMostChunkCacheBytes)));
}

void serve(hid_t file, const json& datasets) {
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  hid_t dataset = -1;
  std::int64_t opened = -1;
  H5Request request;
  while (dw::readFromParent(std::as_writable_bytes(std::span(&request, 1)))) {
    if (request.count < 1 || request.count > dw::data::hdf5::kH5MostItems || request.dataset < 0 ||
        request.dataset >= static_cast<std::int64_t>(datasets.size())) {
      return;
    }
    std::vector<H5Item> items(static_cast<std::size_t>(request.count));
    if (!dw::readFromParent(std::as_writable_bytes(std::span(items)))) return;
    if (opened != request.dataset) {
      if (dataset >= 0) H5Dclose(dataset);
      const auto& facts = datasets[static_cast<std::size_t>(request.dataset)];
      H5Pset_chunk_cache(access, 1009, chunkCacheFor(facts), 1.0);
      dataset = H5Dopen2(file, facts["name"].get<std::string>().c_str(), access);
      opened = request.dataset;
    }
    dw::limitTime(kSecondsForOneTask);
    for (const auto& item : items) {
      if (!answer(dataset, request, item)) return;
    }
    dw::limitTime(0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);  // we only read, and read-only folders cannot be locked in
  dw::limitMemory(kMostMemory);
  dw::limitTime(kSecondsForOneTask);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  dw::h5probe::registerLzf();
  json facts;
  hid_t file = -1;
  try {
    file = H5Fopen(argv[1], H5F_ACC_RDONLY, dw::h5probe::scoutingAccess(argv[1]));
    if (file < 0) throw std::runtime_error(dw::h5probe::lastHdf5Error());
    facts["datasets"] = dw::h5probe::walk(file);
  } catch (const std::exception& problem) {
    facts = {{"error", problem.what()}};
  }
  dw::limitTime(0);
  const auto text = facts.dump(-1, ' ', false, json::error_handler_t::replace);
  if (dw::outputIsTerminal()) return sendBytes(text + "\n") ? 0 : 1;
  const auto length = static_cast<std::uint64_t>(text.size());
  if (!sendValue(length) || !sendBytes(text)) return 1;
  if (facts.contains("datasets")) serve(file, facts["datasets"]);
  return 0;
}
