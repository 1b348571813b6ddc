// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "base/problem.h"
#include "config/live_settings.h"
#include "config/recipe.h"
#include "messages/messages.h"
#include "trainer/command_inbox.h"

namespace dw::trainer {

/// The live settings of a run with their history: applies (live) commands, takes them back, makes them again. A pure
/// function of the recipe and the commands so far, so that a replay of the log comes to the same settings.
class LiveControl {
 public:
  LiveControl() = default;
  explicit LiveControl(const config::Recipe& recipe);

  const config::LiveSettings& settings() const noexcept { return state_.settings; }
  const messages::LiveState& state() const noexcept { return state_; }

  /// Whether this command is one of the (live) ones.
  static bool handles(const messages::Command& command);
  /// Applies a (live) command after `step` updates. Refused: nothing has changed.
  std::variant<messages::CommandApplied, messages::CommandRefused> apply(const messages::Command& command,
                                                                         std::int64_t step, const std::string& by);

  /// For state.json of a checkpoint, everything.
  nlohmann::json toJson() const;
  /// Goes on from a checkpoint. Where the recipe of now begins with another value than that of the checkpoint did, somebody
  /// has changed it and means it; all else is as it was. A checkpoint of before this was kept gives what it has.
  static LiveControl fromJson(const nlohmann::json& live, const config::Recipe& recipe);
  /// Total of the recipe when that checkpoint was saved.
  static std::optional<std::int64_t> recipeTotal(const nlohmann::json& live);
  /// Goes to the live settings of a checkpoint of this run. A total that somebody gave the recipe since then counts as a command of
  /// `by`: the answer to it, empty where there was none.
  Answer restore(const nlohmann::json& live, const config::Recipe& recipe, std::int64_t step, const std::string& by);
  /// Another total of steps. Empty where it cannot be.
  Answer changeTotal(std::int64_t total, std::int64_t step, const std::string& by);

 private:
  struct Entry {
    config::LiveSettings before, after;
  };
  static constexpr std::size_t kDeepest = 100;  ///< changes that can be taken back

  /// The settings that a command leads to, into `next`; or why not.
  Problems find(const messages::Command& command, std::int64_t step, config::LiveSettings& next) const;
  void remember(const messages::Command& command, const config::LiveSettings& next);
  void count();
  /// Reads the settings of a checkpoint; false where the recipe has changed since.
  bool takeSettings(const nlohmann::json& live);
  void takeEntries(const nlohmann::json& list, std::deque<Entry>& entries) const;

  config::LiveSettings initial_;  ///< as the recipe begins
  messages::LiveState state_;
  std::deque<Entry> undo_, redo_;  ///< newest last
};

/// "0.0001 -> 0.0003" of what differs between two settings; several with their names.
std::string describeChange(const config::LiveSettings& before, const config::LiveSettings& after);

}  // namespace dw::trainer
