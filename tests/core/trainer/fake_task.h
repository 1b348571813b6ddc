// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "../inference/fake_model.h"
#include "base/error.h"
#include "trainer/training_task.h"

namespace dw::test {

/// What a fake run does at certain steps.
struct FakePlan {
  std::chrono::microseconds stepTime{200};
  std::int64_t notFiniteAt = -1;  ///< step (updates done) at which it throws NotFinite
  std::int64_t outOfMemoryAt = -1;
  std::function<void()> beforeSave;  ///< on the thread that saves
  double validationLoss = 0.0;       ///< 0 = there is nothing to validate with
};

class FakeSnapshot : public trainer::Snapshot {
 public:
  FakeSnapshot(std::int64_t step, double lr, std::function<void()> before)
      : step_(step), lr_(lr), before_(std::move(before)) {}
  void write(const std::filesystem::path& folder) const override {
    if (before_) before_();
    std::ofstream(folder / "model.txt") << step_;
    std::ofstream(folder / "state.json") << R"({"live":{"lr":)" << lr_ << "}}";
  }

 private:
  std::int64_t step_;
  double lr_;
  std::function<void()> before_;
};

/// Stands in for the real task: no tensors, the loss is 1 / step, the checkpoint holds the step.
class FakeTask : public trainer::TrainingTask {
 public:
  FakeTask(trainer::TaskRequest request, FakePlan plan) : request_(std::move(request)), plan_(std::move(plan)) {}

  trainer::TaskFacts prepare() override {
    if (!request_.checkpoint.empty()) goTo(request_.checkpoint);
    return {.parameters = 7, .firstStep = step_, .threads = 1, .device = "cpu"};
  }

  messages::StepMetrics step(const config::LiveSettings& live) override {
    std::this_thread::sleep_for(plan_.stepTime);
    if (step_ + 1 == plan_.notFiniteAt)
      throw Error(ErrorKind::NotFinite, "the loss of step " + std::to_string(step_ + 1) + " is NaN", "halve the rate");
    if (step_ + 1 == plan_.outOfMemoryAt) throw std::bad_alloc();
    ++step_;
    messages::StepMetrics metrics;
    metrics.step = step_;
    metrics.loss = 1.0 / static_cast<double>(step_);
    metrics.lr = live.lr;
    metrics.samplesSeen = step_ * request_.recipe.train.batch;
    return metrics;
  }

  void goTo(const std::filesystem::path& checkpoint) override { std::ifstream(checkpoint / "model.txt") >> step_; }

  std::optional<messages::ValidationPoint> validate(const std::function<bool()>&) override {
    if (plan_.validationLoss == 0.0) return std::nullopt;
    return messages::ValidationPoint{.loss = plan_.validationLoss};
  }

  std::shared_ptr<const inference::Model> copyWeights(bool averaged) override {
    return std::make_shared<FakeModel>(request_.recipe, step_, averaged);
  }

  std::shared_ptr<const trainer::Snapshot> takeSnapshot(const config::LiveSettings& live) override {
    return std::make_shared<FakeSnapshot>(step_, live.lr, plan_.beforeSave);
  }

 private:
  trainer::TaskRequest request_;
  FakePlan plan_;
  std::int64_t step_ = 0;
};

inline trainer::TaskFactory fakeTasks(FakePlan plan = {}) {
  return [plan](trainer::TaskRequest request) { return std::make_unique<FakeTask>(std::move(request), plan); };
}

}  // namespace dw::test
