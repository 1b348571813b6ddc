// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <thread>

#include "base/error.h"
#include "schedule/lr_schedule.h"
#include "trainer/training_task.h"

namespace dw::test {

/// How a ControlTask goes about it.
struct ControlPlan {
  std::chrono::microseconds stepTime{100};
  std::int64_t badBatch = -1;              ///< batch number whose loss is NaN ...
  double badAbove = 0.0;                   ///< ... with a learning rate above this
  std::shared_ptr<bool> noMemory{};        ///< the next step finds none, once
  std::shared_ptr<bool> noMemoryToCopy{};  ///< the next snapshot finds none, once
  std::shared_ptr<bool> noMemoryToValidate{};
  std::int64_t breaksOffAt = -1;  ///< updates done when an allocation fails in the middle of the update, once
};

/// One weight that every rate, batch number and other live setting leaves its mark on: its loss tells whether all was the same.
class ControlTask : public trainer::TrainingTask {
 public:
  ControlTask(trainer::TaskRequest request, ControlPlan plan) : request_(std::move(request)), plan_(std::move(plan)) {}

  trainer::TaskFacts prepare() override {
    if (!request_.checkpoint.empty()) goTo(request_.checkpoint);
    return {.parameters = 1, .firstStep = step_, .threads = 1, .device = "cpu"};
  }

  messages::StepMetrics step(const config::LiveSettings& live) override {
    std::this_thread::sleep_for(plan_.stepTime);
    const auto batch = step_ + live.skipped;
    const double rate = schedule::learningRate(live, step_);
    fault_ = {.samples = {batch, batch + 1}, .tensor = {}};
    failOnce(plan_.noMemory);
    if (batch == plan_.badBatch && rate > plan_.badAbove) {
      fault_.tensor = "the gradient of 'w'";
      throw Error(ErrorKind::NotFinite, "the gradient is NaN", "lower the learning rate");
    }
    if (step_ == plan_.breaksOffAt) {
      plan_.breaksOffAt = -1;
      weight_ = std::numeric_limits<double>::quiet_NaN();
      fault_.partialUpdate = true;
      throw std::bad_alloc();
    }
    weight_ = 0.9 * weight_ + rate * static_cast<double>(1 + batch % 7) + live.clipNorm + live.weightDecay;
    ++step_;
    messages::StepMetrics metrics;
    metrics.step = step_;
    metrics.loss = 1.0 / (1.0 + weight_);
    metrics.lr = rate;
    return metrics;
  }

  trainer::StepFault fault() const override { return fault_; }

  void goTo(const std::filesystem::path& checkpoint) override {
    std::ifstream file(checkpoint / "model.bin", std::ios::binary);
    file.read(reinterpret_cast<char*>(&weight_), sizeof weight_);
    file.read(reinterpret_cast<char*>(&step_), sizeof step_);
  }

  std::optional<messages::ValidationPoint> validate(const std::function<bool()>&) override {
    if (!plan_.noMemoryToValidate) return std::nullopt;
    failOnce(plan_.noMemoryToValidate);
    return messages::ValidationPoint{.loss = 0.5};
  }

  std::shared_ptr<const trainer::Snapshot> takeSnapshot(const config::LiveSettings&) override {
    failOnce(plan_.noMemoryToCopy);
    struct Copy : trainer::Snapshot {
      double weight = 0.0;
      std::int64_t step = 0;
      void write(const std::filesystem::path& folder) const override {
        std::ofstream file(folder / "model.bin", std::ios::binary);
        file.write(reinterpret_cast<const char*>(&weight), sizeof weight);
        file.write(reinterpret_cast<const char*>(&step), sizeof step);
        std::ofstream(folder / "state.json") << "{}";
      }
    };
    auto copy = std::make_shared<Copy>();
    copy->weight = weight_;
    copy->step = step_;
    return copy;
  }

 private:
  static void failOnce(const std::shared_ptr<bool>& armed) {
    if (!armed || !*armed) return;
    *armed = false;
    throw std::bad_alloc();
  }

  trainer::TaskRequest request_;
  ControlPlan plan_;
  double weight_ = 0.0;
  std::int64_t step_ = 0;
  trainer::StepFault fault_;
};

inline trainer::TaskFactory controlTasks(ControlPlan plan = {}) {
  return [plan](trainer::TaskRequest request) { return std::make_unique<ControlTask>(std::move(request), plan); };
}

}  // namespace dw::test
