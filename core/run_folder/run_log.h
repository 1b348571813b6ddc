// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "messages/messages.h"

namespace dw::run_folder {

/// A line of log.jsonl.
struct LogLine {
  double time = 0.0;                     ///< seconds since 1970; 0: it does not say
  std::optional<messages::Event> event;  ///< empty: the line about the format, or of a kind that is not known
};

/// Empty: it is no line of ours, but torn by a crash or damaged.
std::optional<LogLine> parseLogLine(std::string_view text);
/// The event with the time it has now ("time"), as one line of log.jsonl.
std::string toLogLine(const messages::Event& event);

/// Writes log.jsonl of a run: one JSON object a line; the first line of a new file says its format.
class EventLog {
 public:
  /// Opens or creates it; a torn last line is cut off. Throws Error.
  explicit EventLog(const std::filesystem::path& path);
  /// Throws Error.
  void append(const std::string& line) { file_.append(line); }
  void sync() { file_.sync(); }

 private:
  AppendFile file_;
};

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

  /// A line without an event tells its time only.
  void take(const LogLine& line);

 private:
  void take(const messages::Event& event);
};

/// Reads log.jsonl as it grows: whole lines only; a line that is no JSON object is passed over and counted.
class LogReader {
 public:
  explicit LogReader(std::filesystem::path path) : path_(std::move(path)) {}

  /// The lines added since the last call, at most about 4 MiB of text; call again until there are none. A log that
  /// shrank (another file under its name) is read anew. A missing log has no lines. Throws Error when it cannot be read.
  std::vector<LogLine> poll();
  std::int64_t brokenLines() const noexcept { return broken_; }

 private:
  std::filesystem::path path_;
  std::uint64_t offset_ = 0;
  bool skipping_ = false;
  std::int64_t broken_ = 0;
};

/// All of its lines. Throws Error when it cannot be read; none if it is missing.
std::vector<LogLine> readLog(const std::filesystem::path& path);

/// The facts from the end of the log (its last 64 KiB; the whole log where the last opening lies further back, up to
/// 4 MiB). Empty if there is no log.
std::optional<LogFacts> readLogTail(const std::filesystem::path& path);

}  // namespace dw::run_folder
