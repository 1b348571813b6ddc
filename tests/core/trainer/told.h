// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trainer/reporter.h"

namespace dw::test {

/// A reporter without a runner, and what it has told.
struct Told {
  trainer::EventQueue events{4096};
  std::unique_ptr<trainer::MetricsRing> metrics = std::make_unique<trainer::MetricsRing>();  ///< megabytes
  trainer::StateMachine state;
  trainer::Reporter reporter{events, *metrics, state};
  std::vector<messages::Event> heard;

  template <typename Kind>
  std::vector<Kind> all() {
    for (auto& event : events.drain()) heard.push_back(std::move(event));
    std::vector<Kind> found;
    for (const auto& event : heard) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }
  /// Names of the commands that were answered, in the order of their answers: "applied save", "refused stop".
  std::vector<std::string> answers() {
    all<messages::CommandApplied>();
    std::vector<std::string> found;
    for (const auto& event : heard) {
      if (const auto* yes = std::get_if<messages::CommandApplied>(&event)) found.push_back("applied " + yes->name);
      if (const auto* no = std::get_if<messages::CommandRefused>(&event)) found.push_back("refused " + no->name);
    }
    return found;
  }
};

}  // namespace dw::test
