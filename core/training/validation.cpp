// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/validation.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/random.h"

namespace dw::training {
namespace {

constexpr std::uint64_t kSeed = 0;  ///< of every run, so that validation losses of different seeds may be compared
constexpr std::int64_t kBins = TimestepBins::kCount;

/// First timestep of a bin: the smallest t with t * 20 / steps >= bin.
std::int64_t beginOf(std::int64_t bin, std::int64_t steps) { return (bin * steps + kBins - 1) / kBins; }

std::int64_t timestepOf(std::int64_t pair, std::int64_t steps) {
  const auto bin = pair % kBins;
  const auto first = std::min(beginOf(bin, steps), steps - 1);
  const auto choices = std::max<std::int64_t>(beginOf(bin + 1, steps) - first, 1);
  Philox random(streamSeed(kSeed, "validation timestep", static_cast<std::uint64_t>(pair)));
  return first + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(choices)));
}

/// Noise of each pair for itself, so that it does not depend on how many are made at once.
at::Tensor noiseOf(std::int64_t first, at::IntArrayRef shape, at::ScalarType type) {
  std::vector<at::Tensor> noise;
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    const auto seed = streamSeed(kSeed, "validation noise", static_cast<std::uint64_t>(first + i));
    noise.push_back(at::randn(shape.slice(1), at::make_generator<at::CPUGeneratorImpl>(seed), type));
  }
  return at::stack(noise);
}

at::Tensor slice(const at::Tensor& tensor, std::int64_t first, std::int64_t count) {
  return tensor.defined() ? tensor.narrow(0, first, count) : tensor;
}

}  // namespace

at::Tensor validationTimesteps(std::int64_t first, std::int64_t count, std::int64_t steps) {
  const at::Tensor t = at::empty({count}, at::kLong);
  for (std::int64_t i = 0; i < count; ++i) t.mutable_data_ptr<std::int64_t>()[i] = timestepOf(first + i, steps);
  return t;
}

Validation::Validation(MicroBatch samples, std::int64_t batch) : samples_(std::move(samples)), batch_(batch) {
  TORCH_CHECK(batch_ > 0 && size() > 0, "a validation needs samples");
}

std::optional<ValidationResult> Validation::run(const TrainStep& trainStep,
                                                const std::function<bool()>& shouldContinue) const {
  std::array<double, kBins> sum{}, count{};
  double total = 0.0;
  for (std::int64_t first = 0; first < size(); first += batch_) {
    if (shouldContinue && !shouldContinue()) return std::nullopt;
    const auto b = std::min(batch_, size() - first);
    const MicroBatch batch{.x0 = slice(samples_.x0, first, b),
                           .labels = slice(samples_.labels, first, b),
                           .context = slice(samples_.context, first, b)};
    const auto steps = trainStep.timesteps();
    const StepDraw draw{.t = validationTimesteps(first, b, steps), .eps = noiseOf(first, batch.x0.sizes(), at::kFloat)};
    const at::Tensor losses = trainStep.lossesAt(batch, draw).to(at::kCPU, at::kDouble).contiguous();
    for (std::int64_t i = 0; i < b; ++i) {
      const auto bin = static_cast<std::size_t>(draw.t.const_data_ptr<std::int64_t>()[i] * kBins / steps);
      const double loss = losses.const_data_ptr<double>()[i];
      sum.at(bin) += loss;
      count.at(bin) += 1.0;
      total += loss;
    }
  }
  ValidationResult result{.loss = total / static_cast<double>(size()), .byBin = {}};
  for (std::size_t i = 0; i < sum.size(); ++i) {
    result.byBin.at(i) =
        count[i] > 0.0 ? static_cast<float>(sum[i] / count[i]) : std::numeric_limits<float>::quiet_NaN();
  }
  return result;
}

}  // namespace dw::training
