// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/run_log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/version.h"
#include "config/recipe_json.h"
#include "messages/event_json.h"

namespace dw::run_folder {
namespace {

using nlohmann::json;
constexpr int kFormat = 1;
constexpr std::size_t kMostText = 4U << 20;
constexpr std::size_t kTail = 64U << 10;

std::string dated(json line) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  line["time"] = std::chrono::duration<double>(now).count();
  return config::toLine(line) + "\n";
}

/// Up to the end of the last whole line: a power cut leaves half a line, or zeros.
std::uint64_t wholeBytes(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return 0;
  const ReadFile file(path);
  constexpr std::uint64_t kLooked = 1U << 20;
  const auto from = file.size() > kLooked ? file.size() - kLooked : 0;
  std::string text(file.size() - from, '\0');
  text.resize(file.readSome(from, std::as_writable_bytes(std::span(text.data(), text.size()))));
  while (!text.empty()) {
    const auto end = text.rfind('\n');
    if (end == std::string::npos) return from;
    text.resize(end);
    const auto begin = text.rfind('\n');
    const auto line = text.substr(begin == std::string::npos ? 0 : begin + 1);
    // The part before `from` is unknown, but it ends in a line of ours.
    const bool cutInFront = begin == std::string::npos && from > 0;
    if (cutInFront || json::accept(line)) return from + end + 1;
  }
  return from;
}

std::string readPiece(const ReadFile& file, std::uint64_t offset, std::size_t most) {
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(most, file.size() - offset)), '\0');
  text.resize(file.readSome(offset, std::as_writable_bytes(std::span(text.data(), text.size()))));
  return text;
}

LogFacts factsOf(std::string_view text) {
  LogFacts facts;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
    if (const auto line = parseLogLine(text.substr(begin, end - begin))) facts.take(*line);
  }
  return facts;
}

}  // namespace

std::optional<LogLine> parseLogLine(std::string_view text) {
  json object;
  try {
    object = config::parseJson(text, "log.jsonl");
  } catch (const Error&) {  // torn by a crash or damaged: the other lines are still good
    return std::nullopt;
  }
  if (!object.is_object()) return std::nullopt;
  const auto time = object.find("time");
  return LogLine{.time = time != object.end() && time->is_number() ? time->get<double>() : 0.0,
                 .event = messages::eventFromJson(object)};
}

std::string toLogLine(const messages::Event& event) { return dated(messages::toJson(event)); }

EventLog::EventLog(const std::filesystem::path& path) : file_(path, wholeBytes(path)) {
  std::error_code unknown;
  if (std::filesystem::file_size(path, unknown) > 0) return;
  file_.append(dated(
      {{"event", "log"}, {"format", kFormat}, {"program", std::string("diffusion-workbench ") + kProgramVersion}}));
}

void LogFacts::take(const LogLine& line) {
  if (line.time > 0.0) lastTime = line.time;
  if (line.event) take(*line.event);
}

void LogFacts::take(const messages::Event& event) {
  // Of a command that changed the live settings, and of the checkpoint that a run went back to.
  const auto follow = [this](const messages::LiveState& live) {
    if (live.settings.totalSteps > 0) totalSteps = live.settings.totalSteps;
  };
  if (const auto* opened = std::get_if<messages::RunOpened>(&event)) {
    const auto time = lastTime;
    *this = {};
    lastTime = openedAt = time;
    firstStep = opened->firstStep;
    totalSteps = opened->totalSteps;
    threads = opened->threads;
    device = opened->device;
  } else if (const auto* change = std::get_if<messages::StateChanged>(&event)) {
    paused = change->to == messages::State::Paused;
    if (change->to == messages::State::Finished) ended = true;
  } else if (const auto* applied = std::get_if<messages::CommandApplied>(&event)) {
    stopAsked = stopAsked || applied->name == messages::commandName(messages::Stop{});
    follow(applied->after);
  } else if (const auto* back = std::get_if<messages::WentBack>(&event)) {
    follow(back->live);
  } else if (const auto* failed = std::get_if<messages::Failed>(&event)) {
    ended = true;
    failure = failed->sentence.empty() ? "it failed" : failed->sentence;
    remedy = failed->remedy;
  }
}

std::vector<LogLine> LogReader::poll() {
  std::vector<LogLine> lines;
  std::error_code absent;
  if (!std::filesystem::exists(path_, absent)) return lines;
  const ReadFile file(path_);
  if (file.size() < offset_) offset_ = 0;
  const auto text = readPiece(file, offset_, kMostText);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    auto line = skipping_ ? std::nullopt : parseLogLine(std::string_view(text).substr(begin, end - begin));
    if (line)
      lines.push_back(std::move(*line));
    else
      ++broken_;
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

std::vector<LogLine> readLog(const std::filesystem::path& path) {
  std::vector<LogLine> lines;
  LogReader reader(path);
  for (auto some = reader.poll(); !some.empty(); some = reader.poll())
    std::ranges::move(some, std::back_inserter(lines));
  return lines;
}

std::optional<LogFacts> readLogTail(const std::filesystem::path& path) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent)) return std::nullopt;
  const ReadFile file(path);
  LogFacts facts;
  for (const auto most : {kTail, kMostText}) {
    const auto offset = file.size() > most ? file.size() - most : 0;
    facts = factsOf(readPiece(file, offset, most));
    if (facts.openedAt > 0.0 || offset == 0) break;
  }
  return facts;
}

}  // namespace dw::run_folder
