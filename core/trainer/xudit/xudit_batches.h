// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/prefetcher.h"
#include "trainer/training_task.h"

namespace dw::training {
struct MicroBatch;
}

namespace dw::trainer::xudit {

/// The samples of a run as the model's tensors: those of each update, read ahead, and those held back for validation. Between
/// xudit_task.cpp and xudit_batches.cpp. Training thread only.
class XuditBatches {
 public:
  /// request: outlives this. context: the model wants the context vectors of the data.
  XuditBatches(const TaskRequest& request, bool context) : request_(request), context_(context) {}

  /// What batch number `number` (from 0) trains on, one entry a micro-batch; valid until the next call. Numbers in order cost
  /// nothing, any other begins to read ahead anew. Throws Error BadData, Io.
  std::vector<training::MicroBatch> draw(std::int64_t number);
  /// Samples of the last one that was drawn, by number in the dataset.
  const std::vector<std::int64_t>& samples() const noexcept { return samples_; }

  /// The held-out samples that the validation makes its training pairs of, read once: each comes again only after all
  /// others. Empty if the recipe wants no validation, or none are held out.
  std::optional<training::MicroBatch> validationSamples() const;

 private:
  void readFrom(std::int64_t first);
  training::MicroBatch wrap(const data::Batch& batch) const;

  const TaskRequest& request_;
  bool context_;
  std::optional<data::Prefetcher> ahead_;
  std::int64_t next_ = -1;  ///< number of the batch that ahead_ hands out next
  std::vector<std::int64_t> samples_;
};

}  // namespace dw::trainer::xudit
