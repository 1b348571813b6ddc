// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/run_loop.h"

#include <cmath>

#include "base/error.h"

namespace dw::trainer {
namespace {

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
    enter(messages::State::Running);
    train();
  }
  if (runner_.state() != messages::State::Stopping) enter(messages::State::Stopping);
  if (writer_) saveAndWait();
  finishSamples();
  if (exporter_) {
    exporter_->request();
    if (const auto failure = exporter_->finish(); !failure.empty()) {
      report(messages::Warning{"metrics.h5 could not be written: " + failure, "the metrics stand in metrics.bin all the same"});
    }
  }
  enterFinished();
}

void RunLoop::train() {
  stepBegan_ = Clock::now();
  setNextSave();
  for (;;) {
    takeScripted();
    takeCommands(false);
    if (pausing_ && !stopAsked()) pause();
    if (stopAsked() || isOver()) return;
    tryStep();
  }
}

void RunLoop::pause() {
  exporter_->request();
  enter(messages::State::Paused);
  while (pausing_ && !stopAsked()) {
    saveIfWanted();
    takeCommands(true);
  }
  if (!stopAsked()) enter(messages::State::Running);
  stepBegan_ = Clock::now();  // time paused is nobody's step
}

bool RunLoop::tryStep() {
  try {
    oneStep();
  } catch (const std::exception&) {
    if (!meetTrouble(std::current_exception())) throw;
    return false;
  }
  saveDue_ = saveDue_ || saveIsDue();
  try {
    validateIfDue();
  } catch (const std::exception&) {
    if (!meetLackOfMemory(std::current_exception(), "the validation loss was not measured")) throw;
  }
  drawSamplesIfDue();
  saveIfWanted();
  return true;
}

void RunLoop::oneStep() {
  auto metrics = task_->step(live());
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

void RunLoop::enterFinished() {
  if (records_) records_->append(messages::StateChanged{messages::State::Stopping, messages::State::Finished});
  close();
  runner_.enter(messages::State::Finished);
}

void RunLoop::close() {
  samples_.reset();
  writer_.reset();
  if (records_ && !records_->flush()) {
    runner_.report(messages::Warning{"the last lines of metrics.bin and log.jsonl could not be written, so they are lost", "free some space on that disk"});
  }
  exporter_.reset();
  records_.reset();
  task_.reset();
  folder_.reset();
}

void RunLoop::reportRefusedRecords() {
  if (auto warning = records_->takeWarning()) report(std::move(*warning));
}

void RunLoop::fail(const messages::Failed& failure) noexcept {
  try {
    if (records_) records_->append(failure);
  } catch (const std::exception&) {  // no memory even for a line: the event still reaches the user
    records_.reset();
  }
  close();
  runner_.report(failure);
  runner_.enter(messages::State::Failed);
}

void RunLoop::enter(messages::State next) {
  const auto from = runner_.state();
  runner_.enter(next);
  if (records_) records_->append(messages::StateChanged{from, next});
}

void RunLoop::report(messages::Event event) {
  const bool logged = !std::holds_alternative<messages::Progress>(event) && !std::holds_alternative<messages::Validated>(event);
  // The files first: whoever hears of it and reads them finds it there.
  if (logged && records_) records_->append(event);
  else if (logged) unlogged_.push_back(event);
  runner_.report(std::move(event));
}

void RunLoop::progress(const std::string& activity, double fraction) {
  // A queue that nobody empties for a moment must have room left for what matters.
  if (activity == activity_ && std::abs(fraction - fraction_) < 0.01) return;
  activity_ = activity;
  fraction_ = fraction;
  report(messages::Progress{activity, fraction});
}

}  // namespace dw::trainer
