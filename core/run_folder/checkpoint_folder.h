// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace dw::run_folder {

/// One checkpoint folder (step-0000500/), as far as it can be told without reading its tensors.
struct CheckpointInfo {
  std::filesystem::path folder;
  std::int64_t step = 0;               ///< updates done
  std::uint64_t bytes = 0;             ///< of all its files
  std::int64_t savedAt = 0;            ///< seconds since 1970; 0 if unknown
  std::optional<double> loss{};        ///< smoothed training loss when it was saved
  std::optional<double> validation{};  ///< validation loss of these weights, where it was measured
  bool pinned = false;                 ///< the user wants to keep it
  bool best = false;     ///< lowest validation loss of its run; where none was measured, lowest smoothed loss
  bool preview = false;  ///< it holds preview.png
  std::string damage{};  ///< sentence: what is missing or wrong; empty if nothing is. Contents: verify()
};

/// Name of the folder of a step, "step-0000500"; and the step of such a name, empty if it is none.
std::string stepName(std::int64_t step);
std::optional<std::int64_t> stepOfName(std::string_view name);

/// state.json of a checkpoint. Throws Error BadData when it is missing, damaged or of a newer format.
nlohmann::json readState(const std::filesystem::path& checkpoint);

/// Reads every file again and compares it with its recorded hash. Throws Error BadData naming the first that differs.
void verify(const std::filesystem::path& checkpoint);

/// Looks at names, sizes and state.json. Never throws: whatever is wrong is the `damage` of what it returns.
CheckpointInfo inspect(const std::filesystem::path& checkpoint, std::int64_t step);

/// Brings every file of an unfinished checkpoint to the disk, and completes its state.json with format, step, time, sizes,
/// hashes and `facts`. Throws Error.
void seal(const std::filesystem::path& checkpoint, std::int64_t step, const nlohmann::json& facts);

/// The mark of a pinned checkpoint is an empty file in it, which its hashes do not cover. Throws Error.
void setPinned(const std::filesystem::path& checkpoint, bool pinned);
bool isPinned(const std::filesystem::path& checkpoint) noexcept;

}  // namespace dw::run_folder
