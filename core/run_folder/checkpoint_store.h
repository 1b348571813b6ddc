// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "run_folder/checkpoint_folder.h"

namespace dw::run_folder {

/// The checkpoints of one run: <run>/checkpoints/step-NNNNNNN/. A checkpoint is written into a hidden folder, brought to
/// the disk, read again and hashed, and only then renamed; one that goes is first renamed to a hidden name. So whatever is
/// killed when, a torn one never stands under a good name.
/// save, prune, dropBeyond and cleanUp are for the one process that holds the run's lock.
class CheckpointStore {
 public:
  using Write = std::function<void(const std::filesystem::path& folder)>;

  explicit CheckpointStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// write(folder) puts the tensor files and state.json into an empty folder; facts are added to state.json ("validation_loss",
  /// or where no checkpoint has it "smoothed_loss", decides which is the best). Returns the finished checkpoint; an older one of the same step is replaced, its pin stays.
  /// Throws Error (DiskFull, Io, whatever write throws); then everything older stands as it was.
  CheckpointInfo save(std::int64_t step, const Write& write, const nlohmann::json& facts = nlohmann::json::object());

  /// Complete checkpoints, oldest first: those whose state.json is readable and whose files have the recorded sizes.
  std::vector<CheckpointInfo> list() const;
  /// The damaged ones too, each with its `damage`.
  std::vector<CheckpointInfo> listAll() const;

  /// The newest one below that step whose files also have the recorded hashes; empty if there is none.
  std::optional<CheckpointInfo> newestGood(std::int64_t below = std::numeric_limits<std::int64_t>::max()) const;

  /// Deletes what is neither among the newest `keep` (at least 1) good ones, nor the best, nor pinned; nothing at all
  /// unless that many good ones stay. current: the step just saved. What stands beyond it is a future that the run went
  /// back from, so it goes first. What cannot be deleted stays without a word: it costs space only.
  void prune(std::int64_t keep, std::int64_t current);

  /// Deletes every checkpoint after that step that is not pinned: the run has gone back. Throws Error Io.
  void dropBeyond(std::int64_t step);

  /// Keeps the checkpoint of that step from being pruned, or lets it go again. Throws Error: Usage if there is none, Io.
  void setPinned(std::int64_t step, bool pinned);

  /// Takes away what a killed process left behind, and brings back a checkpoint that it was just replacing. Never throws.
  void cleanUp() noexcept;

  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  void putInPlace(const std::filesystem::path& temporary, const std::string& name);
  void restoreReplaced(const std::filesystem::path& replaced);
  bool isGood(const std::filesystem::path& checkpoint);
  void spareTheBest(std::vector<CheckpointInfo>& surplus, std::vector<CheckpointInfo> all);
  void remove(const std::filesystem::path& checkpoint) const;

  std::filesystem::path folder_;
  std::set<std::filesystem::path> known_;  ///< to be good: reading one again at every save would cost the disk too much
};

}  // namespace dw::run_folder
