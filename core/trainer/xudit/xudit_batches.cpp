// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/xudit_batches.h"

#include <torch/torch.h>

#include <utility>

#include "training/train_step.h"

namespace dw::trainer::xudit {
namespace {

/// Of its own memory, not the reader's.
void keep(training::MicroBatch& batch) {
  for (auto* tensor : {&batch.x0, &batch.labels, &batch.context}) {
    if (tensor->defined()) *tensor = tensor->clone();
  }
}

}  // namespace

void XuditBatches::readFrom(std::int64_t first) {
  const auto& recipe = request_.recipe;
  const auto& info = request_.data->info();
  ahead_.reset();  // its threads end before others begin
  ahead_.emplace(
      request_.data,
      data::BatchSampler({.seed = recipe.train.seed,
                          .batch = recipe.train.batch,
                          .crop = recipe.data.crop,
                          .allowed = data::trainingSamples(info.samples, recipe.data.holdout, request_.skipped),
                          .order = recipe.data.order,
                          .accumulation = recipe.train.accumulation,
                          .flip = recipe.data.flip},
                         info.samples, info.crops),
      data::PrefetchSettings{
          .firstStep = first, .accumulation = recipe.train.accumulation, .scale = request_.scale, .context = context_});
  next_ = first;
}

training::MicroBatch XuditBatches::wrap(const data::Batch& batch) const {
  const auto& info = request_.data->info();
  const auto b = static_cast<std::int64_t>(batch.samples.size());
  training::MicroBatch out;
  // TrainStep only reads it, and it has used it up before the next batch is asked for.
  out.x0 =
      at::from_blob(const_cast<float*>(batch.values.data()), {b, info.channels, info.height, info.width}, at::kFloat);
  if (!batch.context.empty()) {
    out.context =
        at::from_blob(const_cast<float*>(batch.context.data()), {b, info.contextRows, info.contextDim}, at::kFloat);
  }
  if (!batch.labels.empty()) out.labels = at::from_blob(const_cast<std::int64_t*>(batch.labels.data()), {b}, at::kLong);
  return out;
}

std::vector<training::MicroBatch> XuditBatches::draw(std::int64_t number) {
  samples_.clear();
  if (next_ != number) readFrom(number);  // the first, one tried again, or after one that is left out
  next_ = -1;
  const auto accumulation = request_.recipe.train.accumulation;
  std::vector<training::MicroBatch> micro;
  for (std::int64_t i = 0; i < accumulation; ++i) {
    const auto& batch = ahead_->next();
    samples_.insert(samples_.end(), batch.samples.begin(), batch.samples.end());
    micro.push_back(wrap(batch));
    if (accumulation > 1) keep(micro.back());  // the reader's buffer is good until the next micro-batch
  }
  next_ = number + 1;
  return micro;
}

std::optional<training::MicroBatch> XuditBatches::validationSamples() const {
  const auto& recipe = request_.recipe;
  const auto& info = request_.data->info();
  if (!recipe.data.holdout || recipe.validation.every == 0) return std::nullopt;
  auto held = data::heldOutSamples(info.samples, request_.skipped);
  if (held.empty()) return std::nullopt;
  const data::BatchSampler sampler({.seed = 0,
                                    .batch = recipe.validation.samples,
                                    .crop = recipe.data.crop,
                                    .allowed = std::move(held),
                                    .order = config::SampleOrder::Epoch},
                                   info.samples, info.crops);
  data::Batch batch;
  data::readBatch(*request_.data, sampler, {.scale = request_.scale, .context = context_}, batch);
  auto kept = wrap(batch);
  keep(kept);
  return kept;
}

}  // namespace dw::trainer::xudit
