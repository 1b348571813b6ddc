// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "data/hdf5/h5_protocol.h"

namespace dw::data::hdf5 {

/// One dataset of an HDF5 file, as the helper found it.
struct H5Dataset {
  std::string name, kind, dtype, layout;
  std::vector<std::int64_t> shape, chunk;
  bool bigEndian = false;
  bool external = false;
  std::int64_t offset = -1;
  std::vector<std::string> filters;         ///< names, for sentences
  std::vector<std::string> missingFilters;  ///< those that this machine has no plug-in for
};

/// Our end of the helper process that opens an HDF5 file. Any thread; requests wait for one another.
class H5Reader {
 public:
  /// Throws Error BadData with the reason if the file cannot be walked, also when the helper crashes on it.
  explicit H5Reader(const std::filesystem::path& path);

  const std::vector<H5Dataset>& datasets() const noexcept { return datasets_; }
  /// Numbers one after another, as stored and in the order of the file's axes; out is exactly as long as they are. Items:
  /// (sample, crop); cropAxis -1: the file has none. Throws Error BadData.
  void readSamples(std::size_t dataset, std::int64_t sampleAxis, std::int64_t cropAxis, std::span<const H5Item> items,
                   std::span<std::byte> out);
  /// `count` rows of the file's first axis; first -1: the whole dataset. Throws Error BadData.
  void readRows(std::size_t dataset, std::int64_t first, std::int64_t count, std::span<std::byte> out);
  /// Where chunks lie (row-major index in the grid of chunks), unchecked; nothing where one was never written.
  std::vector<std::optional<H5Place>> places(std::size_t dataset, std::span<const std::int64_t> chunks);

 private:
  using Answer = std::function<void(std::size_t item, std::uint64_t bytes)>;
  /// Sends a question in portions; onAnswer takes what follows each length.
  void ask(H5Request request, std::span<const H5Item> items, const Answer& onAnswer);
  void receiveNumbers(std::size_t dataset, std::uint64_t promised, std::span<std::byte> out);
  [[noreturn]] void fail(const std::string& doing);
  void readFacts();

  std::filesystem::path path_;
  std::mutex mutex_;
  ChildProcess child_;
  std::vector<H5Dataset> datasets_;
};

}  // namespace dw::data::hdf5
