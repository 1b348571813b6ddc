// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "inference/model.h"

namespace dw::test {

/// Predicts eps = x_t and x0 = step everywhere. Picture k of seed s holds k + s + offset everywhere; on the way there the
/// state is the share of the way times that. So a test knows what must be seen.
class FakeModel : public inference::Model {
 public:
  /// Draws pictures of 4 channels, 4 x 4, of two classes.
  explicit FakeModel(std::int64_t step = 7) {
    facts_.step = step;
    facts_.averaged = true;
    facts_.channels = 4;
    facts_.height = facts_.width = 4;
    facts_.model.classCond = 2;
    facts_.model.ctxDim = 0;
    facts_.classNames = {"circle", "square"};
  }
  /// Of a fake run: draws nothing, as if every picture were cancelled.
  FakeModel(const config::Recipe& recipe, std::int64_t step, bool averaged) : draws_(false) {
    facts_.step = step;
    facts_.averaged = averaged;
    facts_.model = recipe.model;
    facts_.schedule = recipe.schedule;
    facts_.diffusion = recipe.diffusion;
  }

  const inference::ModelFacts& facts() const override { return facts_; }
  inference::ModelFacts& changeFacts() { return facts_; }
  inference::Prediction predict(const inference::PredictRequest& request) const override {
    return {request.xT, std::vector<float>(request.xT.size(), static_cast<float>(facts_.step))};
  }
  Problems check(const inference::SampleRequest& request) const override {
    if (request.guidance == 1.0 || !request.labels.empty()) return {};
    return {{.field = "guidance",
             .severity = Severity::Error,
             .sentence = "guidance needs something to guide to",
             .remedy = "give a label, or use 1",
             .fix = "1"}};
  }
  std::optional<inference::SampleSet> sample(const inference::SampleRequest& request,
                                             const inference::EachSampleState& each,
                                             std::stop_token stop) const override {
    if (!draws_) return std::nullopt;
    if (fails) throw std::runtime_error("the fake model broke");
    lastThreads = request.threads;
    const auto size = static_cast<std::size_t>(facts_.sampleSize());
    std::vector<float> end;
    for (std::int64_t k = 0; k < request.count; ++k)
      end.insert(end.end(), size, static_cast<float>(k) + static_cast<float>(request.seed) + offset);
    for (std::int64_t step = 1; step <= request.steps; ++step) {
      std::this_thread::sleep_for(stepTime);
      ++calls;
      if (stop.stop_requested()) return std::nullopt;
      auto x = end;
      for (auto& value : x) value *= static_cast<float>(step) / static_cast<float>(request.steps);
      if (each && !each({.step = step,
                         .steps = request.steps,
                         .t = 1000.0 - static_cast<double>(step),
                         .first = 0,
                         .count = request.count,
                         .x = x,
                         .x0 = end})) {
        return std::nullopt;
      }
    }
    return inference::SampleSet{.model = facts_, .request = request, .values = std::move(end)};
  }

  std::chrono::milliseconds stepTime{0};
  float offset = 0.0F;
  std::atomic<bool> fails{false};
  mutable std::atomic<int> calls{0}, lastThreads{-1};

 private:
  inference::ModelFacts facts_;
  bool draws_ = true;
};

}  // namespace dw::test
