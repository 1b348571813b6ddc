// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/prefetcher.h"

#include <algorithm>

#include "base/error.h"

namespace dw::data {
namespace {

/// values: [B, C, H, W]; each row of width W of the samples with a 1 is turned round.
void flipRows(std::span<float> values, std::span<const std::uint8_t> flips, std::size_t width) {
  const auto size = flips.empty() ? 0 : values.size() / flips.size();
  for (std::size_t i = 0; i < flips.size(); ++i) {
    if (flips[i] == 0) continue;
    for (auto row = values.begin() + static_cast<std::ptrdiff_t>(i * size);
         row < values.begin() + static_cast<std::ptrdiff_t>((i + 1) * size); row += static_cast<std::ptrdiff_t>(width))
      std::reverse(row, row + static_cast<std::ptrdiff_t>(width));
  }
}

}  // namespace

void readBatch(const LatentSource& source, const BatchSampler& sampler, const PrefetchSettings& settings, Batch& batch) {
  auto plan = sampler.plan(batch.step, batch.microBatch);
  batch.values.resize(plan.samples.size() * static_cast<std::size_t>(source.info().sampleSize()));
  source.read(plan.samples, plan.crops, batch.values);
  flipRows(batch.values, plan.flips, static_cast<std::size_t>(source.info().width));
  const auto& info = source.info();
  settings.scale.apply(batch.values, static_cast<std::size_t>(info.channels), static_cast<std::size_t>(info.height * info.width));
  if (settings.context) {
    const auto& context = *source.context();
    const std::vector<std::int64_t> first(plan.samples.size(), 0);
    batch.context.resize(plan.samples.size() * static_cast<std::size_t>(context.info().sampleSize()));
    context.read(plan.samples, first, batch.context);
  }
  batch.labels.clear();
  if (const auto labels = source.labels(); !labels.empty()) {
    for (const auto sample : plan.samples) batch.labels.push_back(labels[static_cast<std::size_t>(sample)]);
  }
  batch.samples = std::move(plan.samples);
  batch.crops = std::move(plan.crops);
  batch.flips = std::move(plan.flips);
}

Prefetcher::Prefetcher(std::shared_ptr<const LatentSource> source, BatchSampler sampler, PrefetchSettings settings)
    : source_(std::move(source)),
      sampler_(std::move(sampler)),
      settings_(settings),
      slots_(static_cast<std::size_t>(std::max(settings.depth, 1)) + 1) {
  if (settings_.accumulation < 1) throw Error(ErrorKind::Usage, "train.accumulation is below 1", "use at least 1");
  if (settings_.context && source_->context() == nullptr)
    throw Error(ErrorKind::Internal, "context vectors were asked for, but the data has none");
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Prefetcher::~Prefetcher() = default;

const Batch& Prefetcher::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return filled_ > taken_ || failure_ != nullptr; });
  if (filled_ == taken_) std::rethrow_exception(failure_);
  const auto& batch = slots_[taken_++ % slots_.size()];
  lock.unlock();
  changed_.notify_all();  // the one handed out before is free again
  return batch;
}

void Prefetcher::run(const std::stop_token& stop) {
  for (std::uint64_t i = 0;; ++i) {
    {
      std::unique_lock lock(mutex_);
      // The consumer still uses batch taken_ - 1, so its slot must not be overwritten.
      const auto room = [&] { return i + 1 < taken_ + slots_.size() || (taken_ == 0 && i < slots_.size()); };
      if (!changed_.wait(lock, stop, room)) return;
    }
    auto& batch = slots_[i % slots_.size()];
    const auto accumulation = static_cast<std::uint64_t>(settings_.accumulation);
    batch.step = settings_.firstStep + static_cast<std::int64_t>(i / accumulation);
    batch.microBatch = static_cast<std::int64_t>(i % accumulation);
    std::exception_ptr failure;
    try {
      readBatch(*source_, sampler_, settings_, batch);
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      if (failure) failure_ = failure;
      if (!failure) ++filled_;
    }
    changed_.notify_all();
    if (failure) return;
  }
}

}  // namespace dw::data
