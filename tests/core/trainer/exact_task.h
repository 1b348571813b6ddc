// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "trainer/training_task.h"

namespace dw::test {

inline constexpr std::size_t kStateWords = 1U << 17;  ///< 1 MiB
using StateWords = std::vector<std::uint64_t>;

/// x -> a x + c for every word: the state of a step comes from the one before, yet that of any step can be told at once.
struct Linear {
  std::uint64_t a = 1, c = 0;
  Linear after(const Linear& first) const { return {a * first.a, a * first.c + c}; }
};
inline constexpr Linear kOneStep{6364136223846793005ULL, 1442695040888963407ULL};

inline void mapAll(const Linear& map, StateWords& words) {
  for (auto& word : words) word = map.a * word + map.c;
}

inline StateWords stateAfter(std::int64_t steps, std::size_t count) {
  StateWords words(count);
  for (std::size_t i = 0; i < count; ++i) words[i] = i;
  Linear all, power = kOneStep;
  for (auto left = static_cast<std::uint64_t>(steps); left > 0; left /= 2) {
    if (left % 2 == 1) all = power.after(all);
    power = power.after(power);
  }
  mapAll(all, words);
  return words;
}

inline StateWords readState(const std::filesystem::path& checkpoint) {
  const ReadFile file(checkpoint / "model.bin");
  StateWords words(file.size() / sizeof(std::uint64_t));
  file.read(0, std::as_writable_bytes(std::span(words)));
  return words;
}

struct ExactSnapshot : trainer::Snapshot {
  StateWords words;
  void write(const std::filesystem::path& folder) const override {
    constexpr std::size_t kPiece = 1U << 16;
    AppendFile file(folder / "model.bin", 0);
    for (auto left = std::as_bytes(std::span(words)); !left.empty();
         left = left.subspan(std::min(left.size(), kPiece))) {
      file.append(left.first(std::min(left.size(), kPiece)));
    }
    writeFileAtomically(folder / "state.json", std::string_view("{}"));
  }
};

/// How an ExactTask goes about it.
struct ExactPlan {
  std::size_t words = kStateWords;
  std::chrono::microseconds stepTime{2000};
  std::function<void(std::int64_t step)> done;  ///< the step; also the first one, once prepared
};

/// A task whose state is numbers that only the right steps in the right order make.
class ExactTask : public trainer::TrainingTask {
 public:
  ExactTask(trainer::TaskRequest request, ExactPlan plan) : request_(std::move(request)), plan_(std::move(plan)) {}

  trainer::TaskFacts prepare() override {
    if (request_.checkpoint.empty()) {
      words_ = stateAfter(0, plan_.words);
    } else {
      words_ = readState(request_.checkpoint);
      step_ = std::stoll(request_.checkpoint.filename().string().substr(std::string("step-").size()));
    }
    if (plan_.done) plan_.done(step_);
    return {.parameters = static_cast<std::int64_t>(words_.size()), .firstStep = step_, .threads = 1, .device = "cpu"};
  }

  messages::StepMetrics step(const config::LiveSettings& live) override {
    std::this_thread::sleep_for(plan_.stepTime);
    mapAll(kOneStep, words_);
    ++step_;
    if (plan_.done) plan_.done(step_);
    messages::StepMetrics metrics;
    metrics.step = step_;
    metrics.loss = 1.0 / static_cast<double>(step_);
    metrics.lr = live.lr;
    return metrics;
  }

  std::shared_ptr<const trainer::Snapshot> takeSnapshot(const config::LiveSettings&) override {
    auto snapshot = std::make_shared<ExactSnapshot>();
    snapshot->words = words_;
    return snapshot;
  }

 private:
  trainer::TaskRequest request_;
  ExactPlan plan_;
  StateWords words_;
  std::int64_t step_ = 0;
};

inline trainer::TaskFactory exactTasks(ExactPlan plan = {}) {
  return [plan](trainer::TaskRequest request) { return std::make_unique<ExactTask>(std::move(request), plan); };
}

}  // namespace dw::test
