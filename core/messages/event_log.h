// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "messages/messages.h"

namespace dw::messages {

/// An event as JSON: {"event":"checkpoint_saved","step":500,...}; the same words in log.jsonl and in `dwb train --json`.
nlohmann::json toJson(const Event& event);

/// The same with the time it has now ("time", seconds since 1970), as one line of log.jsonl.
std::string toLogLine(const Event& event);

/// log.jsonl of a run: one JSON object a line; the first line of a new file says its format.
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

}  // namespace dw::messages
