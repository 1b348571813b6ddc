// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dw::checkpoint {

/// One complete checkpoint folder (step-0000500/).
struct CheckpointInfo {
  std::filesystem::path folder;
  std::int64_t step = 0;    ///< updates done
  std::uint64_t bytes = 0;  ///< of all its files
};

/// The checkpoints of one run: <run>/checkpoints/step-NNNNNNN/. A checkpoint is written into a temporary folder, brought
/// to the disk, read again and hashed, and only then renamed, so that a torn one never stands under a good name.
class CheckpointStore {
 public:
  explicit CheckpointStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// write(folder) puts the tensor files and state.json into an empty folder. Returns the finished checkpoint; an older
  /// one of the same step is replaced. Throws Error (DiskFull, Io, whatever write throws); then nothing new is listed and
  /// everything older stands as it was.
  CheckpointInfo save(std::int64_t step, const std::function<void(const std::filesystem::path&)>& write);

  /// Complete checkpoints, oldest first: those whose state.json is readable and whose files have the recorded sizes.
  std::vector<CheckpointInfo> list() const;

  /// The newest one whose files also have the recorded hashes; empty if there is none.
  std::optional<CheckpointInfo> newestGood() const;

  /// Deletes all but the newest `keep` (at least 1). current: the step just saved. What stands beyond it is a future that
  /// the run went back from because it was damaged, so it goes first.
  void prune(std::int64_t keep, std::int64_t current) const;

  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// state.json of a checkpoint. Throws Error BadData when it is missing, damaged or of a newer format.
nlohmann::json readState(const std::filesystem::path& checkpoint);

/// Reads every file again and compares it with its recorded hash. Throws Error BadData naming the first that differs.
void verify(const std::filesystem::path& checkpoint);

}  // namespace dw::checkpoint
