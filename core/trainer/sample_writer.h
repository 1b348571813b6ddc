// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "config/recipe.h"
#include "inference/model.h"

namespace dw::trainer {

/// The picture of a step in a run's samples folder: step-0000500.png.
std::filesystem::path samplePicture(const std::filesystem::path& folder, std::int64_t step);
/// Deletes the pictures of later steps: the run has gone back. What cannot be deleted stays.
void dropSamplesBeyond(const std::filesystem::path& folder, std::int64_t step) noexcept;

/// Draws samples of a run while it trains, always from the same noise, on a thread of its own behind training in the queue
/// for the processor: rows of pictures along the steps, and the small picture of a checkpoint. Labels, where the model knows
/// classes: one after the other.
class SampleWriter {
 public:
  enum class Kind { Strip, Preview };
  struct Job {
    Kind kind = Kind::Strip;
    std::int64_t step = 0;
    /// Called on the writer's thread, which then holds the model as long as it draws. Null: nothing to draw with.
    std::function<std::shared_ptr<const inference::Model>()> model;
    /// the folder is made where it is a strip's; of a checkpoint it is there, or was pruned
    std::filesystem::path picture;
  };
  struct Failure {
    std::int64_t step = 0;
    std::filesystem::path picture;
    std::exception_ptr what;
  };

  SampleWriter(const config::SampleSettings& settings, std::uint64_t seed);
  /// Gives up what is under way after its present model call.
  ~SampleWriter();
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;

  /// One of this kind waits or is being drawn: the next one that is due is passed over, training does not wait.
  bool busy(Kind kind) const;
  bool busy() const;
  /// Only while not busy(job.kind).
  void begin(Job job);
  /// Waits until nothing is to be drawn, or that long.
  void wait(std::chrono::milliseconds longest) const;
  /// The first failure since the last call.
  std::optional<Failure> takeFailure();

 private:
  void work(const std::stop_token& stop);
  void draw(const Job& job, const std::stop_token& stop) const;

  const config::SampleSettings settings_;
  const std::uint64_t seed_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::deque<Job> jobs_;  ///< at most one of a kind; the first is being drawn
  std::optional<Failure> failure_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::trainer
