// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/forward_noise.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/random.h"
#include "base/text_format.h"

namespace dw::schedule {
namespace {

constexpr std::string_view kSeparators = " ,;\t\n";

std::string rangeOf(std::int64_t steps) { return "0 to " + std::to_string(steps - 1); }

}  // namespace

ForwardTerms forwardTerms(const NoiseSchedule& schedule, std::int64_t t) {
  if (t < 0 || t >= schedule.steps()) {
    throw Error(ErrorKind::Usage,
                "t is " + std::to_string(t) + ", but this schedule has the timesteps " + rangeOf(schedule.steps()),
                "choose one of them");
  }
  const double alphaBar = schedule.forwardAlphaBar[static_cast<std::size_t>(t)];
  return {std::sqrt(alphaBar), std::sqrt(1.0 - alphaBar)};
}

void addNoise(std::span<const float> x0, std::span<const float> eps, const ForwardTerms& terms, std::span<float> xT) {
  if (x0.size() != eps.size() || x0.size() != xT.size()) throw Error(ErrorKind::Internal, "addNoise: sizes differ");
  const auto signal = static_cast<float>(terms.signal), sigma = static_cast<float>(terms.sigma);
  for (std::size_t i = 0; i < xT.size(); ++i) xT[i] = signal * x0[i] + sigma * eps[i];
}

std::vector<float> noiseOfSeed(std::uint64_t seed, std::size_t count) {
  Philox random(streamSeed(seed, "noise lab", 0));
  std::vector<float> noise(count);
  for (auto& value : noise) value = static_cast<float>(random.normal());
  return noise;
}

TimestepList parseTimesteps(std::string_view text, std::int64_t steps) {
  TimestepList list;
  const auto problem = [&list](std::string sentence, std::string remedy) {
    list.problems.push_back({.field = "t", .sentence = std::move(sentence), .remedy = std::move(remedy), .fix = {}});
  };
  for (std::size_t begin = text.find_first_not_of(kSeparators); begin != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(kSeparators, begin), text.size());
    const auto word = text.substr(begin, end - begin);
    std::int64_t t = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), t);
    if (error != std::errc() || rest != word.data() + word.size()) {
      problem("'" + std::string(word) + "' is no timestep", "type whole numbers, such as 0, 250, 500");
    } else if (t < 0 || t >= steps) {
      problem("t = " + std::to_string(t) + " is outside of this schedule", "use " + rangeOf(steps));
    } else {
      list.values.push_back(t);
    }
    begin = text.find_first_not_of(kSeparators, end);
  }
  if (list.values.empty() && list.problems.empty())
    problem("there is no timestep in the list", "type some, such as 0, 250, 500");
  if (list.values.size() > kMostTimesteps) {
    problem("these are " + countText(list.values.size(), "timestep") + ", more than one sheet shows",
            "keep " + std::to_string(kMostTimesteps) + " or fewer");
  }
  return list;
}

}  // namespace dw::schedule
