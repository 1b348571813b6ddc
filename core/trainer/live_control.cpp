// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/live_control.h"

#include <vector>

#include "base/problem.h"
#include "config/field_text.h"
#include "config/live_fields.h"
#include "config/live_json.h"
#include "schedule/lr_schedule.h"

namespace dw::trainer {
namespace {

using config::LiveSettings;
using nlohmann::json;

Problems nothingTo(const char* verb) {
  return {{.field = {},
           .sentence = std::string("there is nothing to ") + verb,
           .remedy = "change a setting first",
           .fix = {}}};
}

Problems change(LiveSettings& next, config::LiveField field, double value, std::int64_t step) {
  auto problems = config::validateLive(field, value, step);
  if (problems.empty()) config::infoOf(field).set(next, value);
  return problems;
}

Problems reshape(LiveSettings& next, const messages::Reshape& asked, std::int64_t step) {
  auto problems = change(next, config::LiveField::LearningRate, asked.peak, step);
  next.shape = asked.shape;
  next.shape.from = step;
  if (problems.empty()) problems = schedule::validateLr(schedule::lrSettings(next));
  return problems;
}

/// To the settings that an undo or redo leads to; what was skipped stays skipped.
Problems stepTo(LiveSettings& next, const LiveSettings& target, std::int64_t step) {
  const auto skipped = next.skipped;
  next = target;
  next.skipped = skipped;
  return config::validateLive(config::LiveField::TotalSteps, static_cast<double>(target.totalSteps), step);
}

}  // namespace

LiveControl::LiveControl(const config::Recipe& recipe) : initial_(config::initialLiveSettings(recipe)) {
  state_.settings = initial_;
}

bool LiveControl::handles(const messages::Command& command) {
  return std::holds_alternative<messages::Change>(command) || std::holds_alternative<messages::Reshape>(command) ||
         std::holds_alternative<messages::Undo>(command) || std::holds_alternative<messages::Redo>(command) ||
         std::holds_alternative<messages::HalveRate>(command) || std::holds_alternative<messages::SkipBatch>(command);
}

Problems LiveControl::find(const messages::Command& command, std::int64_t step, LiveSettings& next) const {
  next = state_.settings;
  if (const auto* asked = std::get_if<messages::Change>(&command)) {
    if (asked->field == config::LiveField::EmaDecay && initial_.emaDecay == 0.0) {
      return {{.field = "ema_decay",
               .sentence = "this run keeps no average of its weights, so there is nothing that decays",
               .remedy = "begin a run with ema.decay above 0",
               .fix = {}}};
    }
    return change(next, asked->field, asked->value, step);
  }
  if (const auto* asked = std::get_if<messages::Reshape>(&command)) return reshape(next, *asked, step);
  if (std::holds_alternative<messages::HalveRate>(command))
    return change(next, config::LiveField::LearningRate, next.lr / 2.0, step);
  if (std::holds_alternative<messages::Undo>(command))
    return undo_.empty() ? nothingTo("undo") : stepTo(next, undo_.back().before, step);
  if (std::holds_alternative<messages::Redo>(command))
    return redo_.empty() ? nothingTo("redo") : stepTo(next, redo_.back().after, step);
  ++next.skipped;
  return {};
}

void LiveControl::remember(const messages::Command& command, const LiveSettings& next) {
  const auto move = [](std::deque<Entry>& from, std::deque<Entry>& to) {
    to.push_back(from.back());
    from.pop_back();
  };
  if (std::holds_alternative<messages::Undo>(command)) return move(undo_, redo_);
  if (std::holds_alternative<messages::Redo>(command)) return move(redo_, undo_);
  if (std::holds_alternative<messages::SkipBatch>(command) || next == state_.settings) return;
  redo_.clear();
  undo_.push_back({state_.settings, next});
  if (undo_.size() > kDeepest) undo_.pop_front();
}

void LiveControl::count() {
  state_.undos = static_cast<int>(undo_.size());
  state_.redos = static_cast<int>(redo_.size());
}

std::variant<messages::CommandApplied, messages::CommandRefused> LiveControl::apply(const messages::Command& command,
                                                                                    std::int64_t step,
                                                                                    const std::string& by) {
  LiveSettings next;
  if (const auto problems = find(command, step, next); !problems.empty()) {
    const auto& why = problems.front();
    return messages::CommandRefused{.step = step,
                                    .name = messages::commandName(command),
                                    .sentence = why.sentence,
                                    .remedy = why.remedy,
                                    .command = command,
                                    .by = by};
  }
  messages::CommandApplied applied{.step = step,
                                   .name = messages::commandName(command),
                                   .detail = describeChange(state_.settings, next),
                                   .command = command,
                                   .by = by};
  applied.before = state_.settings;
  remember(command, next);
  state_.settings = next;
  applied.number = ++state_.changes;
  count();
  applied.after = state_;
  return applied;
}

json LiveControl::toJson() const {
  const auto list = [](const std::deque<Entry>& entries) {
    json out = json::array();
    for (const auto& entry : entries)
      out.push_back({{"before", config::toJson(entry.before)}, {"after", config::toJson(entry.after)}});
    return out;
  };
  return {{"now", config::toJson(state_.settings)},
          {"recipe", config::toJson(initial_)},
          {"changes", state_.changes},
          {"undo", list(undo_)},
          {"redo", list(redo_)}};
}

std::optional<std::int64_t> LiveControl::recipeTotal(const json& live) {
  const auto recipe = live.is_object() ? live.value("recipe", json()) : json();
  const auto total = recipe.is_object() ? recipe.value("total_steps", json()) : json();
  return total.is_number_integer() && total > 0 ? std::optional(total.get<std::int64_t>()) : std::nullopt;
}

LiveControl LiveControl::fromJson(const json& live, const config::Recipe& recipe) {
  LiveControl control(recipe);
  if (!live.is_object()) return control;
  const bool same = control.takeSettings(live);
  const auto changes = live.value("changes", json());
  if (changes.is_number_integer() && changes >= 0) control.state_.changes = changes.get<std::int64_t>();
  if (same) {  // else they are changes of other settings than these
    control.takeEntries(live.value("undo", json()), control.undo_);
    control.takeEntries(live.value("redo", json()), control.redo_);
  }
  control.count();
  return control;
}

Answer LiveControl::restore(const json& live, const config::Recipe& recipe, std::int64_t step, const std::string& by) {
  auto then = recipe;
  then.train.steps = recipeTotal(live).value_or(recipe.train.steps);
  *this = fromJson(live, then);
  initial_ = config::initialLiveSettings(recipe);
  if (then.train.steps == recipe.train.steps) return std::nullopt;
  return changeTotal(recipe.train.steps, step, by);
}

Answer LiveControl::changeTotal(std::int64_t total, std::int64_t step, const std::string& by) {
  auto outcome = apply(messages::Change{config::LiveField::TotalSteps, static_cast<double>(total)}, step, by);
  if (std::holds_alternative<messages::CommandRefused>(outcome)) return std::nullopt;
  return outcome;
}

bool LiveControl::takeSettings(const json& live) {
  auto& now = state_.settings;
  if (!live.contains("now")) {  // the rate is all that was kept before
    const auto rate = live.value("lr", json());
    if (rate.is_number() && config::validateLive(config::LiveField::LearningRate, rate.get<double>(), 0).empty())
      now.lr = rate.get<double>();
    return true;
  }
  const auto was = config::liveSettingsFromJson(live.value("recipe", json()), initial_);
  now = config::liveSettingsFromJson(live.value("now", json()), initial_);
  bool same = was.shape == initial_.shape;
  if (!same) now.shape = initial_.shape;
  for (const auto& info : config::liveFields()) {
    if (info.get(was) == info.get(initial_)) continue;
    info.set(now, info.get(initial_));
    same = false;
  }
  return same;
}

void LiveControl::takeEntries(const json& list, std::deque<Entry>& entries) const {
  if (!list.is_array()) return;
  for (const auto& entry : list) {
    if (!entry.is_object() || entries.size() == kDeepest) continue;
    entries.push_back({config::liveSettingsFromJson(entry.value("before", json()), initial_),
                       config::liveSettingsFromJson(entry.value("after", json()), initial_)});
  }
}

std::string describeChange(const LiveSettings& before, const LiveSettings& after) {
  std::vector<std::string> parts;
  std::vector<std::string> names;
  for (const auto& info : config::liveFields()) {
    if (info.get(before) == info.get(after)) continue;
    names.emplace_back(info.key);
    parts.push_back(config::toText(info.get(before)) + " -> " + config::toText(info.get(after)));
  }
  if (!(before.shape == after.shape)) {
    names.emplace_back("shape");
    parts.push_back(config::toText(before.shape.kind) + " -> " + config::toText(after.shape.kind) + " from " +
                    std::to_string(after.shape.from));
  }
  if (before.skipped != after.skipped) {
    names.emplace_back("skipped");
    parts.push_back(std::to_string(before.skipped) + " -> " + std::to_string(after.skipped));
  }
  if (parts.size() == 1 && names[0] != "shape") return parts[0];
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? ", " : "") + names[i] + " " + parts[i];
  return text;
}

}  // namespace dw::trainer
