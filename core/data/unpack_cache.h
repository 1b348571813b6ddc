// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/file.h"
#include "data/open_options.h"

namespace dw::data {

/// Packed data cannot be read at random, so it is unpacked once, into files that stay: under $DWB_CACHE, else
/// $XDG_CACHE_HOME (or ~/.cache)/diffusion-workbench/data. Together they keep below DWB_CACHE_GIB (20 GiB): what was not
/// used for longest is removed first. An entry belongs to one state of its original (path, size, date).

/// What is unpacked.
struct Unpacking {
  const ReadFile& original;
  std::string what;         ///< array in it; empty: the whole file
  std::uint64_t bytes = 0;  ///< unpacked; 0: not known before
};

/// Takes the next unpacked bytes and the share of the work that is done.
using Put = std::function<void(std::span<const std::byte> bytes, double fraction)>;

/// Data this small is unpacked into memory instead.
constexpr std::uint64_t kUnpackedInMemory = 64ULL << 20;

/// The entry, if it was made before and is whole; null otherwise.
std::shared_ptr<const ReadFile> unpackedBefore(const Unpacking& unpacking);

/// The entry, made by `produce` if need be: in a temporary file that gets its name when it is whole. One process at a time
/// unpacks; others wait. Throws Error Cancelled when options.progress says so, DiskFull where cap or disk do not suffice,
/// and what produce throws.
std::shared_ptr<const ReadFile> unpackedFile(const Unpacking& unpacking, const OpenOptions& options,
                                             const std::function<void(const Put& put)>& produce);

}  // namespace dw::data
