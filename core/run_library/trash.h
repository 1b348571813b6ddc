// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dw::run_library {

/// A run in the trash: <runs>/.trash/TIME-NAME, whole.
struct TrashedRun {
  std::filesystem::path folder;
  std::string name;          ///< that it had
  std::int64_t deleted = 0;  ///< seconds since 1970
  std::uint64_t bytes = 0;
};

/// What is in the trash of a folder of runs, newest first. withBytes: counted file by file.
std::vector<TrashedRun> listTrash(const std::filesystem::path& runs, bool withBytes = true);

/// Moves a run into the trash beside it; takes no time and no space. Throws Error: Busy while it is trained, Io.
TrashedRun moveToTrash(const std::filesystem::path& run);

/// Brings it back, under its old name or, if that is taken, the next free one; returns where it is now. Throws Error Io.
std::filesystem::path restoreFromTrash(const std::filesystem::path& trashed);

/// Deletes these (as listTrash gave them) for good and returns the bytes set free. shouldContinue(fraction) is asked between files;
/// false ends it early. Throws Error Io naming the first that cannot be deleted, and Usage for a folder outside a trash.
std::uint64_t deleteForGood(const std::vector<TrashedRun>& trashed,
                            const std::function<bool(double)>& shouldContinue = {});

}  // namespace dw::run_library
