// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "run_library/metrics_export.h"

namespace dw::run_library {

/// What came of an export or import.
struct Transferred {
  bool cancelled = false;
  std::filesystem::path path;        ///< the file written, or the new run's folder
  std::vector<std::string> leftOut;  ///< a sentence for each file or checkpoint that did not come along
};

/// The whole run as one zip file (PKWARE APPNOTE 6.3; stored, zip64 where needed): "NAME/recipe.json", ... below the run's
/// name, and "dwb-run.json" {"format":1}. Complete checkpoints only. Appears under its name when it is whole; an older file
/// of that name is replaced. Throws Error: Busy while the run is trained, DiskFull (asked beforehand), Io, BadData if it is
/// no run.
Transferred exportRun(const std::filesystem::path& run, const std::filesystem::path& zip,
                      const ShouldContinue& shouldContinue = {});

/// Makes a run below `runs` from such a file, which may come from anybody: names that lead elsewhere, links, unknown
/// names, more bytes than the disk has or than it says are refused before or while unpacking, and nothing is left behind.
/// It is unpacked into a hidden folder, each checkpoint compared with its hashes (one that differs is left out and named),
/// then renamed to its own name or the next free one. Throws Error: BadData, DiskFull, Io.
Transferred importRun(const std::filesystem::path& zip, const std::filesystem::path& runs,
                      const ShouldContinue& shouldContinue = {});

/// Whether a relative path is one that a run consists of: "metrics.bin", "checkpoints/step-0000500/state.json", ...
bool isRunFile(std::string_view relativePath);

/// Name of the file in the archive that holds its format number.
inline constexpr const char* kManifest = "dwb-run.json";
inline constexpr int kArchiveFormat = 1;

}  // namespace dw::run_library
