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
  int readers = 2;                ///< threads that read; while batches wait, they sleep
};

/// Reads one batch in the calling thread: what the prefetcher does, for previews and tests.
void readBatch(const LatentSource& source, const BatchSampler& sampler, const PrefetchSettings& settings, Batch& batch);

/// Reads the batches of the coming steps in threads of its own, so that training does not wait for the disk, and hands them
/// out in order; buffers are reused. One consumer thread.
///
///   Prefetcher batches(source, BatchSampler(...), {.firstStep = done});
///   while (...) train(batches.next());
class Prefetcher {
 public:
  Prefetcher(std::shared_ptr<const LatentSource> source, BatchSampler sampler, PrefetchSettings settings);
  /// Stops reading and waits for the reads under way.
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next batch; valid until the next call. Throws what reading it threw (Error BadData, Io), now and ever after; batches
  /// before the one that failed are handed out first.
  const Batch& next();

 private:
  struct Slot {
    Batch batch;
    std::uint64_t holds = 0;  ///< number of the batch + 1 once it is read
  };

  void run(const std::stop_token& stop);

  const std::shared_ptr<const LatentSource> source_;
  const BatchSampler sampler_;
  const PrefetchSettings settings_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Slot> slots_;    ///< ring; slot i % size is for batch i
  std::uint64_t claimed_ = 0;  ///< batches that a reader has begun
  std::uint64_t taken_ = 0;    ///< batches handed out; the last one is still in use
  std::exception_ptr failure_;
  std::uint64_t failedAt_ = 0;         ///< first batch that could not be read
  std::vector<std::jthread> threads_;  ///< last member: end before what they use
};

}  // namespace dw::data
