// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dw::run_folder {

/// What log.jsonl says about the last time that the run was trained: fed line by line.
struct LogFacts {
  std::int64_t firstStep = 0;   ///< of the last opening
  std::int64_t totalSteps = 0;  ///< as opened, or as somebody changed it since; 0: not known
  double openedAt = 0.0;        ///< seconds since 1970; 0: no opening seen
  double lastTime = 0.0;        ///< of the last line
  std::string device;
  int threads = 0;
  bool paused = false;
  bool ended = false;           ///< finished or failed, and not opened again
  bool stopAsked = false;       ///< since the last opening
  std::string failure, remedy;  ///< sentences of the failure that ended it

  /// One line of the log as JSON; lines of a kind or shape that is not known change nothing.
  void take(const nlohmann::json& line);
};

/// Reads log.jsonl as it grows: whole lines only; a line that is no JSON is passed over and counted.
class LogReader {
 public:
  explicit LogReader(std::filesystem::path path) : path_(std::move(path)) {}

  /// The lines added since the last call, at most about 4 MiB of text; call again until there are none. A log that
  /// shrank (another file under its name) is read anew. A missing log has no lines. Throws Error when it cannot be read.
  std::vector<nlohmann::json> poll();
  std::int64_t brokenLines() const noexcept { return broken_; }

 private:
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
  bool skipping_ = false;
  std::int64_t broken_ = 0;
};

/// The facts from the end of the log (its last 64 KiB; the whole log where the last opening lies further back, up to
/// 4 MiB). Empty if there is no log.
std::optional<LogFacts> readLogTail(const std::filesystem::path& path);

}  // namespace dw::run_folder
