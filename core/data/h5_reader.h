// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "data/h5_protocol.h"

namespace dw::data {

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
  /// Numbers of the items one after another, as stored; out is exactly as long as they are. Throws Error BadData.
  void read(std::size_t dataset, std::span<const H5Item> items, std::span<std::byte> out);

 private:
  [[noreturn]] void fail(const std::string& doing);
  void readFacts();

  std::filesystem::path path_;
  std::mutex mutex_;
  ChildProcess child_;
  std::vector<H5Dataset> datasets_;
};

}  // namespace dw::data
