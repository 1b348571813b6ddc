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

void readBatch(const LatentSource& source, const BatchSampler& sampler, const PrefetchSettings& settings,
               Batch& batch) {
  auto plan = sampler.plan(batch.step, batch.microBatch);
  batch.values.resize(plan.samples.size() * static_cast<std::size_t>(source.info().sampleSize()));
  source.read(plan.samples, plan.crops, batch.values);
  flipRows(batch.values, plan.flips, static_cast<std::size_t>(source.info().width));
  const auto& info = source.info();
  settings.scale.apply(batch.values, static_cast<std::size_t>(info.channels),
                       static_cast<std::size_t>(info.height * info.width));
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
      settings_(std::move(settings)),
      slots_(static_cast<std::size_t>(std::max({settings_.depth, settings_.readers, 1})) + 1) {
  if (settings_.accumulation < 1) throw Error(ErrorKind::Usage, "train.accumulation is below 1", "use at least 1");
  if (settings_.context && source_->context() == nullptr)
    throw Error(ErrorKind::Internal, "context vectors were asked for, but the data has none");
  for (int i = 0; i < std::max(settings_.readers, 1); ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Prefetcher::~Prefetcher() {
  for (auto& thread : threads_) thread.request_stop();  // all at once: each may be in the middle of a read
}

const Batch& Prefetcher::next() {
  std::unique_lock lock(mutex_);
  auto& slot = slots_[taken_ % slots_.size()];
  const auto failed = [this] { return failure_ != nullptr && failedAt_ <= taken_; };
  changed_.wait(lock, [&] { return slot.holds == taken_ + 1 || failed(); });
  if (failed()) std::rethrow_exception(failure_);
  ++taken_;
  lock.unlock();
  changed_.notify_all();  // the one handed out before is free again
  return slot.batch;
}

void Prefetcher::run(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    // The consumer still uses batch taken_ - 1, so its slot must not be overwritten.
    const auto room = [this] {
      return claimed_ < taken_ + slots_.size() - (taken_ == 0 ? 0 : 1) || failure_ != nullptr;
    };
    if (!changed_.wait(lock, stop, room) || failure_ != nullptr) return;
    const auto i = claimed_++;
    lock.unlock();
    auto& slot = slots_[i % slots_.size()];
    const auto accumulation = static_cast<std::uint64_t>(settings_.accumulation);
    slot.batch.step = settings_.firstStep + static_cast<std::int64_t>(i / accumulation);
    slot.batch.microBatch = static_cast<std::int64_t>(i % accumulation);
    std::exception_ptr failure;
    try {
      readBatch(*source_, sampler_, settings_, slot.batch);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (!failure) {
      slot.holds = i + 1;
    } else if (!failure_ || i < failedAt_) {
      failure_ = failure;
      failedAt_ = i;
    }
    lock.unlock();
    changed_.notify_all();
  }
}

}  // namespace dw::data
