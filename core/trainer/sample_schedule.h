// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "trainer/checkpoint_writer.h"
#include "trainer/reporter.h"
#include "trainer/sample_writer.h"

namespace dw::trainer {

/// Which samples of a run are drawn while it trains: a strip every so many steps and at the end, and a small picture of each
/// checkpoint. What is due while another of its kind is drawn is passed over; training never waits. Training thread only.
class SampleSchedule {
 public:
  using CopyWeights = std::function<std::shared_ptr<const inference::Model>()>;

  /// strips: the run's folder of them. checkpoints: the run's folder of those.
  SampleSchedule(const config::SampleSettings& settings, std::uint64_t seed, std::filesystem::path strips,
                 std::filesystem::path checkpoints, Reporter& reporter);

  /// The run begins or goes on at this step: pictures of later ones go, what is being drawn is given up.
  void restartAt(std::int64_t step);
  /// An update is done. every: steps between strips, 0 = none; last: it is the run's last one.
  void stepDone(std::int64_t step, std::int64_t every, bool last, const CopyWeights& copy);
  /// Its preview is drawn, if the recipe wants one and `open` can make a model of it.
  void checkpointSaved(const SaveOutcome& saved, const inference::ModelOpener& open);
  /// The run has made all of its steps: waits a while for the pictures of the last one, which one wants to see most.
  void finish(std::int64_t step, bool last, const CopyWeights& copy, const std::stop_token& stop);
  /// Gives up what is being drawn.
  void abandon();

 private:
  void drawStrip(std::int64_t step, const CopyWeights& copy);
  bool waitUntilDrawn(std::chrono::steady_clock::time_point end, const std::stop_token& stop) const;
  void tellFailure();
  void warn(const std::exception_ptr& thrown, std::int64_t step);

  const config::SampleSettings settings_;
  const std::uint64_t seed_;
  const std::filesystem::path strips_, checkpoints_;
  Reporter& reporter_;
  std::optional<SampleWriter> writer_;
  bool failed_ = false;      ///< told once, not at every attempt
  bool passedOver_ = false;  ///< the strip that was due last: another one was being drawn
};

}  // namespace dw::trainer
