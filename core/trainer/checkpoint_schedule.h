// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/recipe.h"
#include "trainer/command_inbox.h"

namespace dw::trainer {

/// When a run's checkpoints are written, and whether: the one owner of what is due, asked for, being written and saved. Knows no model
/// and no disk; the clock is handed in. One save at a time: begun(), then saved() or failed().
class CheckpointSchedule {
 public:
  using Clock = std::chrono::steady_clock;
  using Requests = std::vector<CommandRequest>;

  /// What a checkpoint is of: two of the same point are equal.
  struct Point {
    std::int64_t step = 0;
    std::int64_t changes = 0;  ///< commands that changed the live settings so far
    bool operator==(const Point&) const = default;
  };

  static constexpr std::chrono::seconds kRetryAfter{60};  ///< a save that failed

  CheckpointSchedule(const config::CheckpointSettings& settings, Clock::time_point now);

  /// It stands on the disk already: the run was resumed from it, or went back to it. What was due is not any more.
  void standsAt(const Point& point);
  /// An update is done: looks whether the recipe wants a checkpoint of it.
  void stepDone(std::int64_t step, Clock::time_point now);
  /// One is due whatever the recipe says: a branch stands on its own from its first step on.
  void makeDue() { due_ = true; }
  void dropDue() { due_ = false; }
  /// The user wants one.
  void ask(CommandRequest request) { asked_.push_back(std::move(request)); }

  bool isSaved(const Point& now) const { return saved_ == now; }
  /// A save is wanted and there is something to save.
  bool wantsSave(const Point& now) const { return !isSaved(now) && (due_ || !asked_.empty()); }
  /// By the recipe: judged by a validation loss of its own. The user's "Save now" and Stop do not wait for one.
  bool isPlanned() const { return due_; }

  void begun(const Point& point, Clock::time_point now);
  /// Whoever asked for it may be told now.
  Requests saved();
  /// What the disk said. True: the user should hear of it; a disk that stays full is told once, not at every attempt, unless somebody
  /// asked. It is tried again after a while.
  bool failed(const std::string& failure, Clock::time_point now);
  /// Of the save that failed: nothing came of these.
  Requests takeBegun();
  /// It could not even begin. Tried again after a while.
  void couldNotBegin(const std::string& failure, Clock::time_point now);
  /// Asked for and not begun.
  Requests takeAsked();

 private:
  void retryLater(const std::string& failure, Clock::time_point now);
  void setNext(Clock::time_point now);

  const config::CheckpointSettings settings_;
  Point saved_{.step = -1, .changes = 0};  ///< on the disk
  Point begun_{};                          ///< being written
  bool due_ = false;                       ///< by the recipe, not begun
  Requests asked_;                         ///< by the user, not begun
  Requests asksBegun_;                     ///< by the user, of the save under way
  std::string lastFailure_;                ///< until a save succeeds
  Clock::time_point next_;                 ///< by the clock
};

}  // namespace dw::trainer
