// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "config/recipe.h"
#include "run/frozen_model.h"

namespace dw::run {

/// The picture of a step in a run's samples folder: step-0000500.png.
std::filesystem::path samplePicture(const std::filesystem::path& folder, std::int64_t step);

/// Draws samples of a run while it trains, always from the same noise, on a thread of its own behind training in the queue
/// for the processor, and writes them as one row of pictures. Labels, where the model knows classes: one after the other.
class SampleWriter {
 public:
  struct Outcome {
    std::int64_t step = 0;
    std::exception_ptr failure{};  ///< null: the picture is there
  };

  /// folder: <run>/samples, made when the first picture is written.
  SampleWriter(std::filesystem::path folder, const config::SampleSettings& settings, std::uint64_t seed);
  /// Gives up what is under way after its present model call.
  ~SampleWriter();
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;

  /// The next step that is due is passed over while this is true: training does not wait.
  bool busy() const;
  /// Only while not busy().
  void begin(std::int64_t step, std::shared_ptr<const FrozenModel> model);
  /// Of the last one, once.
  std::optional<Outcome> takeOutcome();

 private:
  struct Job {
    std::int64_t step = 0;
    std::shared_ptr<const FrozenModel> model;
  };
  void work(const std::stop_token& stop);
  void draw(const Job& job, const std::stop_token& stop) const;

  const std::filesystem::path folder_;
  const config::SampleSettings settings_;
  const std::uint64_t seed_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Job> job_;  ///< until it is done
  std::optional<Outcome> outcome_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::run
