// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "trainer/checkpoint_schedule.h"
#include "trainer/checkpoint_writer.h"
#include "trainer/reporter.h"

namespace dw::trainer {

/// Writes the checkpoints that CheckpointSchedule wants, on the writer's thread, and tells what came of each. Training thread only.
class CheckpointSaver {
 public:
  using Point = CheckpointSchedule::Point;
  /// What goes into a checkpoint beside what the task writes itself.
  struct Content {
    Point point;  ///< that it is of
    std::shared_ptr<const Snapshot> snapshot;
    nlohmann::json facts;
  };
  /// Copies what is to be saved. planned: a checkpoint of the recipe's own, to be judged by a validation loss of its own.
  using Take = std::function<Content(bool planned)>;
  using WhenSaved = std::function<void(const SaveOutcome&)>;

  /// run: what recipe.json says; each checkpoint carries it along.
  CheckpointSaver(const config::CheckpointSettings& settings, const std::filesystem::path& folder, nlohmann::json run,
                  Reporter& reporter, WhenSaved whenSaved);

  CheckpointSchedule& schedule() noexcept { return schedule_; }
  /// A save is under way.
  bool busy() const { return writer_.busy(); }

  /// The user wants this point saved.
  Answer ask(const CommandRequest& request, const Point& now);
  /// Tells what came of a save that is done, and begins one if one is wanted and none is under way. Throws what take throws.
  void saveIfWanted(const Point& now, const Take& take);
  /// It threw for lack of memory: tried again later, whoever asked is told.
  void giveUpBeginning(const Point& now, const std::string& sentence);
  /// Waits for the save under way, then saves this point, unless it is saved, and waits for that too. Throws what the save threw.
  void saveAndWait(const Point& now, const Take& take);
  /// Waits for the save under way and tells what came of it.
  void finish();
  /// The run went back: from now on this point is the saved one. Whoever asked for a save before is told that none comes.
  void wentBack(const Point& from, const Point& to);
  /// The run ends without a save of what was asked for: whoever asked is told.
  void refuseAll(std::int64_t step, const std::string& sentence, const std::string& remedy);

 private:
  void begin(const Take& take);
  void collect();
  void reportSaved(const SaveOutcome& outcome);
  void reportUnsaved(const SaveOutcome& outcome);
  void answer(const CheckpointSchedule::Requests& requests, std::int64_t step);
  void refuse(const CheckpointSchedule::Requests& requests, std::int64_t step, const std::string& sentence,
              const std::string& remedy);

  CheckpointSchedule schedule_;
  Reporter& reporter_;
  WhenSaved whenSaved_;
  CheckpointWriter writer_;
};

}  // namespace dw::trainer
