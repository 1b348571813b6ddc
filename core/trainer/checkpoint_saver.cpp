// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/checkpoint_saver.h"

#include <utility>

#include "run_folder/checkpoint_store.h"
#include "trainer/failure.h"

namespace dw::trainer {

using Clock = CheckpointSchedule::Clock;

CheckpointSaver::CheckpointSaver(const config::CheckpointSettings& settings, const std::filesystem::path& folder,
                                 nlohmann::json run, Reporter& reporter, WhenSaved whenSaved)
    : schedule_(settings, Clock::now()),
      reporter_(reporter),
      whenSaved_(std::move(whenSaved)),
      writer_(run_folder::CheckpointStore(folder), settings.keep, std::move(run),
              [&reporter] { reporter.syncFiles(); }) {}

Answer CheckpointSaver::ask(const CommandRequest& request, const Point& now) {
  if (schedule_.isSaved(now)) return applied(request, now.step);
  schedule_.ask(request);
  return std::nullopt;  // when it is on the disk
}

void CheckpointSaver::saveIfWanted(const Point& now, const Take& take) {
  collect();
  if (writer_.busy()) return;  // what is wanted waits for it
  if (schedule_.wantsSave(now)) return begin(take);
  if (!schedule_.isSaved(now)) return;
  schedule_.dropDue();
  answer(schedule_.takeAsked(), now.step);
}

void CheckpointSaver::giveUpBeginning(const Point& now, const std::string& sentence) {
  schedule_.couldNotBegin(sentence, Clock::now());
  refuse(schedule_.takeAsked(), now.step, sentence + " for lack of memory", "close other programs, then save again");
}

void CheckpointSaver::saveAndWait(const Point& now, const Take& take) {
  schedule_.dropDue();
  finish();
  if (schedule_.isSaved(now)) return answer(schedule_.takeAsked(), now.step);
  begin(take);
  writer_.wait();
  const auto outcome = writer_.takeOutcome();
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  reportSaved(*outcome);
}

void CheckpointSaver::finish() {
  writer_.wait();
  collect();
}

void CheckpointSaver::wentBack(const Point& from, const Point& to) {
  schedule_.standsAt(to);
  refuse(schedule_.takeAsked(), to.step,
         "the run went back before the weights of step " + std::to_string(from.step) + " were saved",
         "save again when the run has gone on");
}

void CheckpointSaver::refuseAll(std::int64_t step, const std::string& sentence, const std::string& remedy) {
  refuse(schedule_.takeBegun(), step, sentence, remedy);
  refuse(schedule_.takeAsked(), step, sentence, remedy);
}

void CheckpointSaver::begin(const Take& take) {
  auto content = take(schedule_.isPlanned());
  writer_.begin(content.point.step, std::move(content.snapshot), std::move(content.facts));
  schedule_.begun(content.point, Clock::now());
}

void CheckpointSaver::collect() {
  const auto outcome = writer_.takeOutcome();
  if (!outcome) return;
  if (outcome->failure)
    reportUnsaved(*outcome);
  else
    reportSaved(*outcome);
}

void CheckpointSaver::reportSaved(const SaveOutcome& outcome) {
  const auto asked = schedule_.saved();
  reporter_.report(messages::CheckpointSaved{outcome.step, outcome.folder, outcome.seconds});
  answer(asked, outcome.step);  // only now: whoever asked may read it from the disk
  whenSaved_(outcome);
}

void CheckpointSaver::reportUnsaved(const SaveOutcome& outcome) {
  const auto failure = describeFailure(outcome.failure, outcome.step);
  if (!schedule_.failed(failure.sentence, Clock::now())) return;
  const auto remedy = failure.remedy.empty() ? std::string() : failure.remedy + "; ";
  const std::string sentence =
      "the checkpoint of step " + std::to_string(outcome.step) + " could not be saved: " + failure.sentence;
  reporter_.report(messages::Warning{sentence, remedy + "training goes on, and saving is tried again"});
  refuse(schedule_.takeBegun(), outcome.step, sentence, failure.remedy);
}

void CheckpointSaver::answer(const CheckpointSchedule::Requests& requests, std::int64_t step) {
  for (const auto& request : requests) reporter_.answer(applied(request, step));
}

void CheckpointSaver::refuse(const CheckpointSchedule::Requests& requests, std::int64_t step,
                             const std::string& sentence, const std::string& remedy) {
  for (const auto& request : requests) reporter_.answer(refused(request, step, sentence, remedy));
}

}  // namespace dw::trainer
