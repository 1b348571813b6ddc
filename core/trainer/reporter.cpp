// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/reporter.h"

#include <cmath>
#include <utility>

namespace dw::trainer {

using messages::Event;

namespace {

/// What a measurement was stands in a file of its own; how far a preparation was is of no interest afterwards; weights are asked for
/// by programs, often.
bool belongsIntoLog(const Event& event) {
  const auto* refused = std::get_if<messages::CommandRefused>(&event);
  if (refused != nullptr && std::holds_alternative<messages::CopyWeights>(refused->command)) return false;
  return !std::holds_alternative<messages::Progress>(event) && !std::holds_alternative<messages::Validated>(event);
}

}  // namespace

void Reporter::report(Event event) {
  if (const auto* back = std::get_if<messages::WentBack>(&event)) stepsDone_ = back->to;
  const bool logged = belongsIntoLog(event);
  if (logged && records_)
    records_->append(event);
  else if (logged)
    unlogged_.push_back(event);
  events_.tryPush(std::move(event));
}

void Reporter::answer(Answer answer) {
  if (!answer) return;
  std::visit([this](auto& event) { report(std::move(event)); }, *answer);
}

void Reporter::progress(const std::string& activity, double fraction) {
  if (activity == told_.activity && std::abs(fraction - told_.fraction) < 0.01) return;
  told_ = {activity, fraction};
  report(told_);
}

void Reporter::step(const messages::StepMetrics& metrics) {
  stepsDone_ = metrics.step;
  records_->append(metrics);
  warnOfFiles();
  metrics_.push(metrics);
}

void Reporter::validated(const messages::ValidationPoint& point) {
  records_->append(point);
  report(messages::Validated{point});
}

void Reporter::enter(messages::State next) {
  const messages::StateChanged change{state_.state(), next};
  if (records_) records_->append(Event(change));
  events_.tryPush(change);
  state_.enter(next);
}

void Reporter::openFiles(const std::filesystem::path& metrics, const std::filesystem::path& log,
                         std::int64_t firstStep) {
  stepsDone_ = firstStep;
  records_.emplace(metrics, log, firstStep);
  for (const auto& event : std::exchange(unlogged_, {})) records_->append(event);
}

void Reporter::syncFiles() { records_->sync(); }

void Reporter::lastLine(const Event& event) noexcept {
  try {
    if (records_) records_->append(event);
  } catch (const std::exception&) {  // no memory even for a line: the event still reaches the user
    records_.reset();
  }
}

void Reporter::closeFiles() noexcept {
  if (records_ && !records_->flush()) {
    events_.tryPush(
        messages::Warning{"the last lines of metrics.bin and log.jsonl could not be written, so they are lost",
                          "free some space on that disk"});
  }
  records_.reset();
}

void Reporter::warnOfFiles() {
  if (auto warning = records_->takeWarning()) report(std::move(*warning));
}

}  // namespace dw::trainer
