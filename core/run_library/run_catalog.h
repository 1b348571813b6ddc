// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "run_library/run_summary.h"

namespace dw::run_library {

/// All runs of one folder ($DWB_RUNS). Reads only: works on a folder that other processes write, on this machine or
/// another, and on one where we may not write. Keep one object and call list() again: it remembers what did not change, and
/// sees from one call to the next whether trainers on other machines still live. For one thread at a time.
class RunCatalog {
 public:
  explicit RunCatalog(std::filesystem::path runs);

  /// Newest first. Broken runs are in it, with what is wrong in `missing`; throws nothing for them. A folder of runs that
  /// does not exist has none; throws Error Io if it cannot be read. withBytes: also count the bytes of each run.
  std::vector<RunSummary> list(bool withBytes = true);

  const std::filesystem::path& folder() const noexcept { return runs_; }

 private:
  struct Known {
    explicit Known(const std::filesystem::path& run) : probe(run) {}
    run_folder::LivenessProbe probe;
    std::uint64_t sizeStamp = 0;  ///< changes when files come, go or grow
    std::uint64_t bytes = 0;
  };
  void addBytes(RunSummary& summary, Known& known) const;

  std::filesystem::path runs_;
  std::unordered_map<std::string, Known> known_;
};

/// The run that a name (below `runs`) or a path means. Throws Error Usage naming the nearest run if there is none.
std::filesystem::path findRun(const std::filesystem::path& runs, const std::string& nameOrPath);

}  // namespace dw::run_library
