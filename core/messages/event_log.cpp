// SPDX-License-Identifier: GPL-3.0-or-later
#include "messages/event_log.h"

#include <chrono>
#include <span>

#include "config/live_json.h"
#include "config/recipe_json.h"
#include "messages/command_json.h"
#include "base/version.h"

namespace dw::messages {
namespace {

using nlohmann::json;
constexpr int kFormat = 1;

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

struct Words {
  json operator()(const StateChanged& e) const {
    return {{"event", "state"}, {"from", nameOf(e.from)}, {"to", nameOf(e.to)}};
  }
  json operator()(const RunOpened& e) const {
    return {{"event", "run_opened"},       {"folder", e.folder.string()}, {"parameters", e.parameters},
            {"first_step", e.firstStep},   {"total_steps", e.totalSteps}, {"threads", e.threads},
            {"device", e.device},          {"live", config::toJson(e.live.settings)}, {"changes", e.live.changes},
            {"recipe_steps", e.recipeSteps}};
  }
  json operator()(const Progress& e) const {
    return {{"event", "progress"}, {"activity", e.activity}, {"fraction", e.fraction}};
  }
  json operator()(const CheckpointSaved& e) const {
    return {{"event", "checkpoint_saved"}, {"step", e.step}, {"folder", e.folder.string()}, {"seconds", e.seconds}};
  }
  json operator()(const Validated& e) const {
    return {{"event", "validation"}, {"step", e.point.step}, {"validation_loss", e.point.loss}, {"ms", e.point.ms}, {"by_bin", e.point.byBin}};
  }
  json operator()(const CommandApplied& e) const {
    auto line = toJson(e.command);
    line.update({{"event", "command_applied"}, {"step", e.step}, {"command", e.name}, {"detail", e.detail}, {"by", e.by}});
    if (e.number > 0) line.update({{"number", e.number}, {"live", config::toJson(e.after.settings)}});
    return line;
  }
  json operator()(const CommandRefused& e) const {
    auto line = toJson(e.command);  // NaN and infinity become null
    line.update({{"event", "command_refused"}, {"step", e.step}, {"sentence", e.sentence}, {"remedy", e.remedy}, {"by", e.by}});
    return line;
  }
  json operator()(const Trouble& e) const {
    return {{"event", "trouble"}, {"kind", dw::nameOf(e.kind)}, {"sentence", e.sentence}, {"remedy", e.remedy}, {"step", e.step},
            {"samples", e.samples}, {"tensor", e.tensor}};
  }
  json operator()(const WentBack& e) const {
    return {{"event", "went_back"}, {"from", e.from}, {"to", e.to}, {"checkpoint", e.checkpoint.string()},
            {"live", config::toJson(e.live.settings)}, {"changes", e.live.changes}};
  }
  json operator()(const Warning& e) const {
    return {{"event", "warning"}, {"sentence", e.sentence}, {"remedy", e.remedy}};
  }
  json operator()(const Failed& e) const {
    return {{"event", "failed"}, {"kind", dw::nameOf(e.kind)}, {"sentence", e.sentence}, {"remedy", e.remedy}, {"step", e.step}};
  }
};

}  // namespace

json toJson(const Event& event) { return std::visit(Words{}, event); }

std::string toLogLine(const Event& event) { return dated(toJson(event)); }

EventLog::EventLog(const std::filesystem::path& path) : file_(path, wholeBytes(path)) {
  std::error_code unknown;
  if (std::filesystem::file_size(path, unknown) > 0) return;
  file_.append(dated({{"event", "log"}, {"format", kFormat}, {"program", std::string("diffusion-workbench ") + kProgramVersion}}));
}

}  // namespace dw::messages
