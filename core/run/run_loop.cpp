// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/run_loop.h"

#include <cmath>
#include <sstream>

#include "base/error.h"

namespace dw::run {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};  ///< whether a save is done

float milliseconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<float, std::milli>(time).count(); }

}  // namespace

RunLoop::RunLoop(TrainingRunner& runner, const RunRequest& request, std::stop_token stop)
    : runner_(runner), request_(request), stop_(std::move(stop)) {}

void RunLoop::run() {
  try {
    prepare();
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::Cancelled || !stopAsked()) throw;
  }
  if (!stopAsked()) {
    enter(State::Running);
    train();
  }
  if (runner_.state() != State::Stopping) enter(State::Stopping);
  if (writer_) saveAndWait();
  if (exporter_) {
    exporter_->request();
    if (const auto failure = exporter_->finish(); !failure.empty()) {
      report(Warning{"metrics.h5 could not be written: " + failure, "the metrics stand in metrics.bin all the same"});
    }
  }
  enterFinished();
}

void RunLoop::train() {
  stepBegan_ = Clock::now();
  setNextSave();
  while (step_ < live_.totalSteps) {
    takeCommands(false);
    if (pausing_ && !stopAsked()) {
      exporter_->request();
      enter(State::Paused);
      while (pausing_ && !stopAsked()) {
        saveIfWanted();
        takeCommands(true);
      }
      if (!stopAsked()) enter(State::Running);
      stepBegan_ = Clock::now();  // time paused is nobody's step
    }
    if (stopAsked()) break;
    oneStep();
    saveDue_ = saveDue_ || saveIsDue();
    saveIfWanted();
  }
}

void RunLoop::oneStep() {
  auto metrics = task_->step(live_);
  step_ = metrics.step;
  loss_.add(metrics.loss);
  // A step lasts from the end of the one before it, so that what the loop itself does is counted too (in rest).
  const auto now = Clock::now();
  metrics.stepMs = milliseconds(now - stepBegan_);
  stepBegan_ = now;
  metrics.restMs = metrics.stepMs - metrics.dataMs - metrics.forwardMs - metrics.backwardMs - metrics.optimizerMs;
  activeS_ += static_cast<double>(metrics.stepMs) / 1000.0;
  metrics.activeS = activeS_;
  records_->append(metrics);
  reportRefusedRecords();
  runner_.ring_.push(metrics);
}

void RunLoop::takeCommands(bool wait) {
  if (wait) {
    // A save under way ends meanwhile, and somebody waits to hear of it.
    const auto command = writer_->busy() ? runner_.commands_.waitPop(stop_, kLookAgain) : runner_.commands_.waitPop(stop_);
    if (command) apply(*command);
  }
  while (const auto command = runner_.commands_.tryPop()) apply(*command);
}

void RunLoop::apply(const Command& command) {
  const auto done = [this](const char* name, std::string detail = {}) { report(CommandApplied{step_, name, std::move(detail)}); };
  if (std::holds_alternative<Pause>(command)) {
    pausing_ = true;
    done("pause");
  } else if (std::holds_alternative<Resume>(command)) {
    pausing_ = false;
    done("resume");
  } else if (std::holds_alternative<Stop>(command)) {
    stopping_ = true;
    done("stop");
  } else if (std::holds_alternative<SaveCheckpoint>(command)) {
    if (!writer_) {
      report(Warning{"there is nothing to save yet: training has not begun", "save again when the first step is done"});
      return;
    }
    if (savedStep_ == step_) done("save");
    else ++savesAsked_;
  } else if (const auto* rate = std::get_if<SetLearningRate>(&command)) {
    if (!std::isfinite(rate->lr) || rate->lr <= 0.0) {
      report(Warning{"the learning rate must be a number above 0, so it was not changed", "give a value such as 0.0003"});
      return;
    }
    std::ostringstream detail;
    detail << live_.lr << " -> " << rate->lr;
    live_.lr = rate->lr;
    done("learning_rate", detail.str());
  }
}

void RunLoop::enterFinished() {
  if (records_) records_->append(StateChanged{State::Stopping, State::Finished});
  close();
  runner_.enter(State::Finished);
}

void RunLoop::close() {
  writer_.reset();
  if (records_ && !records_->flush()) {
    runner_.report(Warning{"the last lines of metrics.bin and log.jsonl could not be written, so they are lost", "free some space on that disk"});
  }
  exporter_.reset();
  records_.reset();
  task_.reset();
  folder_.reset();
}

void RunLoop::reportRefusedRecords() {
  if (auto warning = records_->takeWarning()) report(std::move(*warning));
}

void RunLoop::fail(const Failed& failure) noexcept {
  try {
    if (records_) records_->append(failure);
  } catch (const std::exception&) {  // no memory even for a line: the event still reaches the user
    records_.reset();
  }
  close();
  runner_.report(failure);
  runner_.enter(State::Failed);
}

void RunLoop::enter(State next) {
  const auto from = runner_.state();
  runner_.enter(next);
  if (records_) records_->append(StateChanged{from, next});
}

void RunLoop::report(Event event) {
  runner_.report(event);
  if (std::holds_alternative<Progress>(event)) return;
  if (records_) records_->append(event);
  else unlogged_.push_back(std::move(event));
}

void RunLoop::progress(const std::string& activity, double fraction) {
  // A queue that nobody empties for a moment must have room left for what matters.
  if (activity == activity_ && std::abs(fraction - fraction_) < 0.01) return;
  activity_ = activity;
  fraction_ = fraction;
  report(Progress{activity, fraction});
}

}  // namespace dw::run
