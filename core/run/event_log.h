// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "run/messages.h"

namespace dw::run {

/// An event as JSON: {"event":"checkpoint_saved","step":500,...}; the same words in log.jsonl and in `dwb train --json`.
nlohmann::json toJson(const Event& event);

/// log.jsonl of a run: one JSON object a line, each with the time ("time", seconds since 1970).
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& path) : file_(path) {}
  void write(const Event& event);

 private:
  AppendFile file_;
};

}  // namespace dw::run
