// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/checkpoint_schedule.h"

#include <iterator>
#include <utility>

namespace dw::trainer {

CheckpointSchedule::CheckpointSchedule(const config::CheckpointSettings& settings, Clock::time_point now)
    : settings_(settings) {
  setNext(now);
}

void CheckpointSchedule::setNext(Clock::time_point now) {
  const std::chrono::duration<double, std::ratio<60>> interval(settings_.everyMinutes);
  next_ = now + std::chrono::duration_cast<Clock::duration>(interval);
}

void CheckpointSchedule::standsAt(const Point& point) {
  saved_ = point;
  due_ = false;
}

void CheckpointSchedule::stepDone(std::int64_t step, Clock::time_point now) {
  const bool byCount = settings_.every > 0 && step % settings_.every == 0;
  const bool byTheClock = (settings_.everyMinutes > 0.0 || !lastFailure_.empty()) && now >= next_;
  due_ = due_ || byCount || byTheClock;
}

void CheckpointSchedule::begun(const Point& point, Clock::time_point now) {
  begun_ = point;
  due_ = false;
  setNext(now);
  asksBegun_.insert(asksBegun_.end(), std::make_move_iterator(asked_.begin()), std::make_move_iterator(asked_.end()));
  asked_.clear();
}

CheckpointSchedule::Requests CheckpointSchedule::saved() {
  saved_ = begun_;
  lastFailure_.clear();
  return takeBegun();
}

bool CheckpointSchedule::failed(const std::string& failure, Clock::time_point now) {
  const bool known = failure == lastFailure_ && asksBegun_.empty();
  retryLater(failure, now);
  return !known;
}

void CheckpointSchedule::couldNotBegin(const std::string& failure, Clock::time_point now) {
  due_ = false;
  retryLater(failure, now);
}

void CheckpointSchedule::retryLater(const std::string& failure, Clock::time_point now) {
  lastFailure_ = failure;
  const auto retry = now + kRetryAfter;
  if (settings_.everyMinutes <= 0.0 || next_ > retry || next_ <= now) next_ = retry;
}

CheckpointSchedule::Requests CheckpointSchedule::takeBegun() { return std::exchange(asksBegun_, {}); }
CheckpointSchedule::Requests CheckpointSchedule::takeAsked() { return std::exchange(asked_, {}); }

}  // namespace dw::trainer
