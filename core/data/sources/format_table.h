// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "base/file.h"
#include "data/latent_source.h"
#include "data/open_options.h"
#include "data/sources/candidates.h"
#include "formats/number_type.h"

namespace dw::data::sources {

/// One dataset format. A new one is a file of its own, with an `extern const Format`, and two lines in format_table.cpp.
struct Format {
  const char* name;  ///< as in SourceInfo::format
  /// ".h5 .hdf5": of such files in a folder of latents; empty: none is taken for latents there
  const char* endings;
  const char* accepts;                    ///< what such a file must hold, for sentences and the open dialog
  bool (*matches)(const ReadFile& file);  ///< by content, never by ending
  std::shared_ptr<const LatentSource> (*open)(const std::filesystem::path& path, const OpenOptions& options);
  /// The arrays in such a file, from headers alone; null where there is never more than one. Throws Error.
  std::vector<Candidate> (*candidates)(const std::filesystem::path& path) = nullptr;
};

/// A candidate of that type and shape, judged. What is called context stands beside latents and is none.
Candidate candidateOf(std::string name, formats::NumberType type, std::vector<std::int64_t> shape);

/// In the order in which files are tried.
std::span<const Format* const> formatTable();

/// Demo data made by the program; see demo_source.cpp. Format "demo".
std::shared_ptr<const LatentSource> openDemo();

}  // namespace dw::data::sources
