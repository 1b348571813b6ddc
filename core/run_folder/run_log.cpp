// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/run_log.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"

namespace dw::run_folder {
namespace {

using nlohmann::json;
constexpr std::size_t kMostText = 4U << 20;
constexpr std::size_t kTail = 64U << 10;

template <typename Value>
Value valueOr(const json& line, const char* key, Value otherwise) {
  const auto found = line.find(key);
  if (found == line.end()) return otherwise;
  if constexpr (std::is_same_v<Value, std::string>) return found->is_string() ? found->template get<std::string>() : otherwise;
  else return found->is_number() ? found->template get<Value>() : otherwise;
}

std::optional<json> parseLine(std::string_view text, const std::filesystem::path& path) {
  try {
    auto line = config::parseJson(text, path);
    if (line.is_object()) return line;
  } catch (const Error&) {  // torn by a crash or damaged: the other lines are still good
    return std::nullopt;
  }
  return std::nullopt;
}

std::string readPiece(const ReadFile& file, std::uint64_t offset, std::size_t most) {
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(most, file.size() - offset)), '\0');
  text.resize(file.readSome(offset, std::as_writable_bytes(std::span(text.data(), text.size()))));
  return text;
}

LogFacts factsOf(std::string_view text, const std::filesystem::path& path) {
  LogFacts facts;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
    if (const auto line = parseLine(text.substr(begin, end - begin), path)) facts.take(*line);
  }
  return facts;
}

}  // namespace

void LogFacts::take(const json& line) {
  lastTime = valueOr(line, "time", lastTime);
  const auto event = valueOr(line, "event", std::string());
  if (event == "run_opened") {
    const auto time = lastTime;
    *this = {};
    lastTime = openedAt = time;
    firstStep = valueOr(line, "first_step", std::int64_t{0});
    totalSteps = valueOr(line, "total_steps", std::int64_t{0});
    threads = valueOr(line, "threads", 0);
    device = valueOr(line, "device", std::string());
  } else if (event == "state") {
    const auto to = valueOr(line, "to", std::string());
    paused = to == "paused";
    if (to == "finished") ended = true;
  } else if (event == "command_applied" || event == "went_back") {
    stopAsked = stopAsked || valueOr(line, "command", std::string()) == "stop";
    // Of a command that changed the live settings, and of the checkpoint that a run went back to.
    if (const auto live = line.find("live"); live != line.end() && live->is_object()) totalSteps = valueOr(*live, "total_steps", totalSteps);
  } else if (event == "failed") {
    ended = true;
    failure = valueOr(line, "sentence", std::string("it failed"));
    remedy = valueOr(line, "remedy", std::string());
  }
}

std::vector<json> LogReader::poll() {
  std::vector<json> lines;
  std::error_code absent;
  if (!std::filesystem::exists(path_, absent)) return lines;
  const ReadFile file(path_);
  if (file.size() < offset_) offset_ = 0;
  const auto text = readPiece(file, offset_, kMostText);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    auto line = skipping_ ? std::nullopt : parseLine(std::string_view(text).substr(begin, end - begin), path_);
    if (line) lines.push_back(std::move(*line));
    else ++broken_;
    skipping_ = false;
  }
  // A "line" longer than all that is read at once is none of ours: its rest is passed over.
  if (begin == 0 && text.size() == kMostText) {
    skipping_ = true;
    begin = text.size();
  }
  offset_ += begin;
  return lines;
}

std::optional<LogFacts> readLogTail(const std::filesystem::path& path) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent)) return std::nullopt;
  const ReadFile file(path);
  LogFacts facts;
  for (const auto most : {kTail, kMostText}) {
    const auto offset = file.size() > most ? file.size() - most : 0;
    facts = factsOf(readPiece(file, offset, most), path);
    if (facts.openedAt > 0.0 || offset == 0) break;
  }
  return facts;
}

}  // namespace dw::run_folder
