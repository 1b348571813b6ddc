// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "trainer/training_runner.h"

namespace dw::test {

/// What a runner has told so far.
struct Heard {
  static constexpr std::chrono::seconds kLimit{60};

  std::vector<messages::Event> events;
  std::vector<messages::StepMetrics> steps;

  void drain(trainer::TrainingRunner& runner) {
    for (auto& event : runner.drainEvents()) events.push_back(std::move(event));
    std::array<messages::StepMetrics, 256> buffer;
    while (const auto count = runner.drainMetrics(buffer))
      steps.insert(steps.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const auto& event : events) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }
  bool waitFor(trainer::TrainingRunner& runner, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (std::chrono::steady_clock::now() < end) {
      drain(runner);
      if (done()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  /// An answer to the command of that name has come, and the run rests.
  bool answered(trainer::TrainingRunner& runner, const std::string& name, std::size_t times = 1) {
    return waitFor(runner, [&] {
      std::size_t count = 0;
      for (const auto& c : all<messages::CommandApplied>()) count += c.name == name ? 1 : 0;
      for (const auto& c : all<messages::CommandRefused>()) count += c.name == name ? 1 : 0;
      return count >= times;
    });
  }
};

}  // namespace dw::test
