// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/event_log.h"

#include <chrono>

#include "config/recipe_json.h"

namespace dw::run {
namespace {

using nlohmann::json;

struct Words {
  json operator()(const StateChanged& e) const {
    return {{"event", "state"}, {"from", toString(e.from)}, {"to", toString(e.to)}};
  }
  json operator()(const RunOpened& e) const {
    return {{"event", "run_opened"},       {"folder", e.folder.string()}, {"parameters", e.parameters},
            {"first_step", e.firstStep},   {"total_steps", e.totalSteps}, {"threads", e.threads},
            {"device", e.device}};
  }
  json operator()(const Progress& e) const {
    return {{"event", "progress"}, {"activity", e.activity}, {"fraction", e.fraction}};
  }
  json operator()(const CheckpointSaved& e) const {
    return {{"event", "checkpoint_saved"}, {"step", e.step}, {"folder", e.folder.string()}, {"seconds", e.seconds}};
  }
  json operator()(const CommandApplied& e) const {
    return {{"event", "command_applied"}, {"step", e.step}, {"command", e.name}, {"detail", e.detail}};
  }
  json operator()(const Warning& e) const {
    return {{"event", "warning"}, {"sentence", e.sentence}, {"remedy", e.remedy}};
  }
  json operator()(const Failed& e) const {
    return {{"event", "failed"}, {"kind", dw::toString(e.kind)}, {"sentence", e.sentence}, {"remedy", e.remedy}, {"step", e.step}};
  }
};

}  // namespace

json toJson(const Event& event) { return std::visit(Words{}, event); }

void EventLog::write(const Event& event) {
  auto line = toJson(event);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  line["time"] = std::chrono::duration<double>(now).count();
  file_.append(config::toLine(line) + "\n");
}

}  // namespace dw::run
