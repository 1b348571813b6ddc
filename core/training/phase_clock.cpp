// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/phase_clock.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>

namespace dw::training {
namespace {

double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void PhaseClock::mark() {
  if (device_.is_cpu()) {
    times_.push_back(std::chrono::steady_clock::now());
    return;
  }
  // the others cannot tell times
  if (used_ == events_.size()) events_.emplace_back(device_.type(), c10::EventFlag::BACKEND_DEFAULT);
  events_[used_++].record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

void PhaseClock::begin() {
  began_ = std::chrono::steady_clock::now();
  times_.clear();
  used_ = 0;
  mark();
}

void PhaseClock::forwardEnds() { mark(); }

void PhaseClock::backwardEnds() { mark(); }

PhaseTimes PhaseClock::end() {
  const auto between = [this](std::size_t i) {
    return device_.is_cpu() ? milliseconds(times_[i + 1] - times_[i]) : events_[i].elapsedTime(events_[i + 1]);
  };
  const auto marks = device_.is_cpu() ? times_.size() : used_;
  PhaseTimes result;
  for (std::size_t i = 0; i + 1 < marks; ++i) (i % 2 == 0 ? result.forward : result.backward) += between(i);
  const double whole = milliseconds(std::chrono::steady_clock::now() - began_);
  result.optimizer = std::max(whole - result.forward - result.backward, 0.0);
  return result;
}

}  // namespace dw::training
