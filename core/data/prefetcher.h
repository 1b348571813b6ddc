// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "data/batch_sampler.h"
#include "data/latent_source.h"
#include "data/value_scale.h"

namespace dw::data {

/// What one micro-batch trains on.
struct Batch {
  std::int64_t step = 0;
  std::int64_t microBatch = 0;
  std::vector<float> values;                 ///< [B, C, H, W], in the model's scale
  std::vector<std::int64_t> labels;          ///< [B]; empty where the data has none
  std::vector<float> context;                ///< [B, L, D]; empty where it was not asked for
  std::vector<std::int64_t> samples, crops;  ///< [B], where the values came from
  std::vector<std::uint8_t> flips;           ///< [B], 1: mirrored left to right; empty = none is
};

struct PrefetchSettings {
  std::int64_t firstStep = 0;
  std::int64_t accumulation = 1;  ///< micro-batches of a step
  ValueScale scale{};             ///< from stored numbers to the model's
  bool context = false;           ///< read the context vectors too; the data must have some
  int depth = 4;                  ///< batches read ahead
};

/// Reads one batch in the calling thread: what the prefetcher does, for previews and tests.
void readBatch(const LatentSource& source, const BatchSampler& sampler, const PrefetchSettings& settings, Batch& batch);

/// Reads the batches of the coming steps, in order, in a thread of its own, so that training does not wait for the disk;
/// buffers are reused. One consumer thread.
///
///   Prefetcher batches(source, BatchSampler(...), {.firstStep = done});
///   while (...) train(batches.next());
class Prefetcher {
 public:
  Prefetcher(std::shared_ptr<const LatentSource> source, BatchSampler sampler, PrefetchSettings settings);
  /// Stops reading and waits for the read under way.
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next batch; valid until the next call. Throws what reading it threw (Error BadData, Io), now and ever after.
  const Batch& next();

 private:
  void run(const std::stop_token& stop);

  const std::shared_ptr<const LatentSource> source_;
  const BatchSampler sampler_;
  const PrefetchSettings settings_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Batch> slots_;  ///< ring; slot i % size holds batch i
  std::uint64_t filled_ = 0;  ///< batches read so far
  std::uint64_t taken_ = 0;   ///< batches handed out so far; the last one is still in use
  std::exception_ptr failure_;
  std::jthread thread_;  ///< last member: ends before what it uses
};

}  // namespace dw::data
