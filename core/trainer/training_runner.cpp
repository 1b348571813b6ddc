// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/training_runner.h"

#include <optional>
#include <utility>

#include "base/thread_priority.h"
#include "trainer/failure.h"
#include "trainer/prepare_run.h"
#include "trainer/run_loop.h"

namespace dw::trainer {
namespace {

/// What nobody has taken out of the inbox when the run is over is answered too: there is nothing left to stop or to hold up, and the
/// rest comes too late.
void answerTheRest(CommandInbox& inbox, Reporter& reporter) {
  while (const auto request = inbox.next()) {
    const auto& command = request->command;
    const bool done =
        std::holds_alternative<messages::Stop>(command) || std::holds_alternative<messages::Resume>(command);
    reporter.answer(done ? applied(*request, reporter.stepsDone())
                         : refused(*request, reporter.stepsDone(), "the run is over", "resume it, then ask again"));
  }
}

}  // namespace

TrainingRunner::TrainingRunner(TaskFactory makeTask) : makeTask_(std::move(makeTask)) {}

TrainingRunner::~TrainingRunner() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool TrainingRunner::start(RunRequest request, OnTrouble onTrouble) {
  if (!finished()) return false;
  if (thread_.joinable()) thread_.join();
  inbox_.clear();
  events_.tryPush(messages::StateChanged{state(), messages::State::Preparing});
  state_.enter(messages::State::Preparing);
  thread_ = std::jthread([this, request = std::move(request), onTrouble](const std::stop_token& stop) {
    threadMain(request, onTrouble, stop);
  });
  return true;
}

bool TrainingRunner::send(messages::Command command, std::string by) {
  return !finished() && inbox_.send({std::move(command), std::move(by)});
}

void TrainingRunner::threadMain(const RunRequest& request, OnTrouble onTrouble, const std::stop_token& stop) {
  lowerThreadPriority();
  std::unique_ptr<run_folder::RunFolder> folder;
  Reporter reporter(events_, metrics_, state_);
  std::optional<RunLoop> loop;
  std::optional<messages::Failed> failure;
  try {
    if (auto prepared = prepareRun(request, makeTask_, reporter, inbox_, stop, folder)) {
      loop.emplace(std::move(*prepared), *folder, LoopChannels{reporter, inbox_, weights_, stop, onTrouble});
      loop->run();
    } else {
      reporter.enter(messages::State::Stopping);
    }
  } catch (...) {
    failure = describeFailure(std::current_exception(), reporter.stepsDone());
    if (loop) loop->rescue();
  }
  answerTheRest(inbox_, reporter);
  const auto end = failure ? messages::State::Failed : messages::State::Finished;
  reporter.lastLine(failure ? messages::Event(*failure) : messages::StateChanged{messages::State::Stopping, end});
  // Lets go of everything, so that whoever waits for the end may resume in this folder at once.
  loop.reset();
  reporter.closeFiles();
  folder.reset();
  answerTheRest(inbox_, reporter);  // sent meanwhile; the log is closed
  if (failure) reporter.report(*failure);
  reporter.enter(end);
}

}  // namespace dw::trainer
