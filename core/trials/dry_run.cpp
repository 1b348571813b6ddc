// SPDX-License-Identifier: GPL-3.0-or-later
#include "trials/dry_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/system_info.h"
#include "config/field_text.h"

namespace dw::trials {
namespace {

/// What a step takes, and what its device has to give (0: not known).
struct StepMemory {
  std::uint64_t bytes = 0, available = 0;
};

/// batches that are read ahead (data::PrefetchSettings), outside of what the task measures
constexpr int kBuffers = 5;

void tell(const TrialProgress& progress, const std::string& what, double done) {
  if (progress && !progress(what, done)) throw Error(ErrorKind::Cancelled, "given up", "");
}

/// Of the machine's own memory; a GPU holds none of them.
std::uint64_t bufferBytes(const trainer::TaskRequest& request, std::int64_t batch) {
  if (request.recipe.train.device != config::Device::Cpu) return 0;
  const auto& source = *request.data;
  return static_cast<std::uint64_t>(kBuffers * batch * source.info().sampleSize()) * sizeof(float);
}

/// With so many samples.
StepMemory memoryOfStep(const trainer::TaskFactory& makeTask, trainer::TaskRequest request, std::int64_t batch) {
  const auto buffers = bufferBytes(request, batch);
  request.recipe.train.batch = batch;
  // nothing to be measured here
  request.recipe.train.threads = std::max<std::int64_t>(request.recipe.train.threads, 1);
  request.recipe.validation.every = 0;
  const auto live = config::initialLiveSettings(request.recipe);
  const auto task = makeTask(std::move(request));
  task->prepare();
  task->step(live);
  return {task->peakBytes() + buffers, task->availableBytes()};
}

/// What one and two samples would take on the straight line of large batches.
struct Line {
  std::uint64_t one = 0, two = 0;
};

/// While gradients and optimizer take more than what a forward pass keeps, memory does not grow with the batch. Batches are
/// doubled until it grows in proportion, is known for the batch itself but for a doubling, or might not suffice.
Line measureLine(const trainer::TaskFactory& makeTask, const trainer::TaskRequest& task, DryRun& result,
                 const TrialProgress& progress) {
  constexpr double kStraight = 2.2;  // growth of a doubling against the one before: 2 on a straight line
  std::uint64_t last = 0, growth = 0;
  std::int64_t batch = 1;
  for (;; batch *= 2) {
    tell(progress, "measuring memory", std::min(0.2 * std::log2(static_cast<double>(batch)), 0.9));
    const auto memory = memoryOfStep(makeTask, task, batch);
    // at first: what a try frees, LibTorch keeps for the next
    if (result.availableBytes == 0) result.availableBytes = memory.available;
    const auto before = growth;
    growth = batch > 1 && memory.bytes > last ? memory.bytes - last : 0;
    last = memory.bytes;
    const bool straight =
        before > 0 && growth > 0 && static_cast<double>(growth) <= kStraight * static_cast<double>(before);
    const bool mayFit = result.availableBytes == 0 ||
                        2.0 * static_cast<double>(last) <= kMemoryShare * static_cast<double>(result.availableBytes);
    if (straight || last == 0 || 2 * batch > result.batch || (batch > 1 && !mayFit)) break;
  }
  const auto perSample = batch > 1 ? growth / static_cast<std::uint64_t>(batch / 2) : 0;
  const auto others = std::min(perSample * static_cast<std::uint64_t>(batch - 1), last);
  return {last - others, last - others + perSample};
}

}  // namespace

std::uint64_t reckonedBytes(std::uint64_t bytesOfOne, std::uint64_t bytesOfTwo, std::int64_t batch) {
  const auto perSample = bytesOfTwo > bytesOfOne ? bytesOfTwo - bytesOfOne : 0;
  return bytesOfOne + perSample * static_cast<std::uint64_t>(std::max<std::int64_t>(batch - 1, 0));
}

std::int64_t largestFittingBatch(std::uint64_t bytesOfOne, std::uint64_t bytesOfTwo, std::uint64_t availableBytes) {
  const auto limit = static_cast<std::uint64_t>(kMemoryShare * static_cast<double>(availableBytes));
  if (bytesOfOne > limit) return 0;
  const auto perSample = bytesOfTwo > bytesOfOne ? bytesOfTwo - bytesOfOne : 1;
  return 1 + static_cast<std::int64_t>((limit - bytesOfOne) / perSample);
}

DryRun dryRun(const trainer::TaskFactory& makeTask, const TrialRequest& request, const TrialProgress& progress) {
  tell(progress, "opening the dataset", 0.0);
  auto task = trialTask(request, progress);
  task.measureMemory = true;
  DryRun result{.batch = task.recipe.train.batch,
                .stepsLeft = task.recipe.train.steps,
                .device = config::toText(task.recipe.train.device)};
  if (task.recipe.train.device == config::Device::Cpu) result.availableBytes = systemMemory().available;
  const auto [one, two] = measureLine(makeTask, task, result, progress);
  result.peakBytes = reckonedBytes(one, two, result.batch);
  const bool known = result.availableBytes > 0 && one > 0;
  result.fittingBatch =
      known ? std::min(largestFittingBatch(one, two, result.availableBytes), result.batch) : result.batch;
  result.fits = result.fittingBatch == result.batch;

  if (!result.fits) task.recipe.train.batch = 1;  // parameters and threads are told all the same
  const auto live = config::initialLiveSettings(task.recipe);
  const auto buffers = bufferBytes(task, task.recipe.train.batch);
  const auto real = makeTask(std::move(task));
  const auto facts = real->prepare();
  result.parameters = facts.parameters;
  result.threads = facts.threads;
  result.device = facts.device;
  result.stepsLeft = std::max<std::int64_t>(result.stepsLeft - facts.firstStep, 0);
  if (!result.fits) return result;
  for (int i = 0; i <= kDryRunSteps; ++i) {
    tell(progress, "training a few steps on a copy", static_cast<double>(i) / (kDryRunSteps + 1));
    const auto begin = std::chrono::steady_clock::now();
    real->step(live);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (i == 0) continue;  // the first one allocates
    result.fastestS = i == 1 ? seconds : std::min(result.fastestS, seconds);
    result.slowestS = std::max(result.slowestS, seconds);
    result.meanS += seconds / kDryRunSteps;
  }
  if (const auto peak = real->peakBytes(); peak > 0) result.peakBytes = peak + buffers;
  return result;
}

}  // namespace dw::trials
