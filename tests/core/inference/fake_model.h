// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "fake_task.h"
#include "run/sampling.h"

namespace dw::test {

/// Picture k of seed s holds k + s + offset everywhere; on the way there the state is the share of the way times that.
class FakeSamplingModel : public run::SamplingModel {
 public:
  explicit FakeSamplingModel(std::int64_t step = 7) {
    info_.step = step;
    info_.ema = true;
    info_.channels = 4;
    info_.height = info_.width = 4;
    info_.model.classCond = 2;
    info_.model.ctxDim = 0;
    info_.classNames = {"circle", "square"};
  }
  const run::SampledModel& info() const override { return info_; }
  run::SampledModel& facts() { return info_; }
  Problems check(const run::SampleRequest& request) const override {
    if (request.guidance == 1.0 || !request.labels.empty()) return {};
    return {{.field = "guidance", .severity = Severity::Error, .sentence = "guidance needs something to guide to", .remedy = "give a label, or use 1", .fix = "1"}};
  }
  run::SampleResult sample(const run::SampleRequest& request, const run::EachSampleState& each, std::stop_token stop) override {
    if (fails) throw std::runtime_error("the fake model broke");
    lastThreads = request.threads;
    const auto size = static_cast<std::size_t>(info_.channels * info_.height * info_.width);
    std::vector<float> end;
    for (std::int64_t k = 0; k < request.count; ++k) end.insert(end.end(), size, static_cast<float>(k) + static_cast<float>(request.seed) + offset);
    for (std::int64_t step = 1; step <= request.steps; ++step) {
      std::this_thread::sleep_for(stepTime);
      ++calls;
      if (stop.stop_requested()) return {.cancelled = true, .values = {}};
      auto x = end;
      for (auto& value : x) value *= static_cast<float>(step) / static_cast<float>(request.steps);
      if (each && !each({.step = step, .steps = request.steps, .t = 1000.0 - static_cast<double>(step), .first = 0, .count = request.count, .x = x, .x0 = end})) {
        return {.cancelled = true, .values = {}};
      }
    }
    return {.cancelled = false, .values = end};
  }

  std::chrono::milliseconds stepTime{0};
  float offset = 0.0F;
  std::atomic<bool> fails{false};
  std::atomic<int> calls{0}, lastThreads{-1};

 private:
  run::SampledModel info_;
};

/// A frozen model that can draw.
class FakeDrawingModel : public FakeModel {
 public:
  FakeDrawingModel(config::Recipe recipe, std::int64_t step, std::shared_ptr<FakeSamplingModel> drawing)
      : FakeModel(std::move(recipe), step, true), drawing_(std::move(drawing)) {}
  std::shared_ptr<run::SamplingModel> sampling() const override { return drawing_; }

 private:
  std::shared_ptr<FakeSamplingModel> drawing_;
};

}  // namespace dw::test
