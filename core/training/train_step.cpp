// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/train_step.h"

#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/loss.h"
#include "training/finite_check.h"
#include "training/gradient_clip.h"
#include "training/step_draw.h"

namespace dw::training {
namespace {

/// Adds the time since the last call to one phase after another.
class PhaseClock {
 public:
  void charge(double& milliseconds) {
    const auto now = std::chrono::steady_clock::now();
    milliseconds += std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Forgets all gradients when the step ends, however it ends. The next backward pass then moves its results in instead
/// of adding them to zeros.
class GradientScope {
 public:
  explicit GradientScope(const NamedTensors& parameters) : parameters_(parameters) {}
  ~GradientScope() {
    for (const auto& entry : parameters_) at::Tensor(entry.tensor).mutable_grad().reset();
  }
  GradientScope(const GradientScope&) = delete;
  GradientScope& operator=(const GradientScope&) = delete;

 private:
  const NamedTensors& parameters_;
};

std::int64_t sampleCount(std::span<const MicroBatch> batches) {
  std::int64_t count = 0;
  for (const auto& batch : batches) count += batch.x0.size(0);
  return count;
}

}  // namespace

/// One micro-batch between its forward and the reading of its losses.
struct TrainStep::Pass {
  at::Tensor prediction;
  diffusion::Loss loss;
  at::Tensor t;  ///< int64 [B] on the CPU
};

TrainStep::TrainStep(Parts parts) : parts_(std::move(parts)) {
  TORCH_CHECK(parts_.optimizer != nullptr, "a training step needs an optimizer");
}

StepResult TrainStep::run(std::span<const MicroBatch> microBatches, std::int64_t step, const StepSettings& settings) {
  StepResult result;
  result.samples = sampleCount(microBatches);
  const GradientScope scope(parts_.parameters);
  PhaseClock clock;

  // 1. Forward and 2. backward, micro-batch by micro-batch; each counts by its share of the samples.
  std::vector<Pass> passes;
  for (const auto& batch : microBatches) {
    Pass pass = forward(batch, step, static_cast<std::int64_t>(passes.size()));
    const double share = static_cast<double>(batch.x0.size(0)) / static_cast<double>(result.samples);
    if (microBatches.size() > 1) {
      pass.loss.value.mul_(share);
      pass.loss.gradient.mul_(share);
    }
    clock.charge(result.forwardMs);
    pass.prediction.backward(pass.loss.gradient);
    pass.prediction.reset();
    pass.loss.gradient.reset();
    passes.push_back(std::move(pass));
    clock.charge(result.backwardMs);
  }

  // 3. Norm, the step's only transfer to the host, and the check: nothing has been changed up to here.
  const std::vector<at::Tensor> gradient = gradients();
  readBack(passes, globalNorm(gradient), result);
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradNorm)) failNotFinite(microBatches, step, result);

  // 4. Clip, update, average.
  const double factor = clipFactor(result.gradNorm, settings.clipNorm);
  if (factor < 1.0) scaleGradients(gradient, factor);
  parts_.optimizer->step(gradient, settings.update);
  if (parts_.ema != nullptr) parts_.ema->update(settings.emaDecay);
  clock.charge(result.optimizerMs);
  return result;
}

TrainStep::Pass TrainStep::forward(const MicroBatch& batch, std::int64_t step, std::int64_t microBatch) const {
  const auto& process = parts_.process;
  const StreamPosition position{.runSeed = parts_.runSeed, .step = step, .microBatch = microBatch};
  const StepDraw draw = drawStep(position, batch.x0.sizes(), process.steps(), process.type());
  const at::Tensor x0 = batch.x0.to(process.device(), process.type());
  const at::Tensor eps = draw.eps.to(process.device());
  diffusion::Condition condition;
  if (batch.context.defined()) condition.context = batch.context.to(process.device());
  if (batch.labels.defined()) condition.labels = batch.labels.to(process.device());
  condition.routeSeed =
      streamSeed(parts_.runSeed, "tread", static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(microBatch));
  Pass pass;
  pass.t = draw.t;
  pass.prediction = parts_.prediction(process.sample(x0, eps, draw.t), process.modelTime(draw.t), condition);
  pass.loss = diffusion::meanSquaredError(pass.prediction, eps);
  return pass;
}

std::vector<at::Tensor> TrainStep::gradients() const {
  std::vector<at::Tensor> all;
  all.reserve(parts_.parameters.size());
  for (const auto& entry : parts_.parameters) all.push_back(entry.tensor.grad());
  return all;
}

void TrainStep::readBack(const std::vector<Pass>& passes, const at::Tensor& norm, StepResult& result) const {
  std::vector<at::Tensor> pieces{norm.to(parts_.process.device(), parts_.process.type()).view(1)};
  for (const auto& pass : passes) {
    pieces.push_back(pass.loss.value.view(1));
    pieces.push_back(pass.loss.perSample);
  }
  const at::Tensor host = at::cat(pieces).to(at::kCPU, at::kDouble);
  const double* next = host.const_data_ptr<double>();
  result.gradNorm = *next++;
  for (const auto& pass : passes) {
    result.loss += *next++;
    const auto* t = pass.t.const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < pass.t.size(0); ++i) result.bins.add(t[i], parts_.process.steps(), *next++);
  }
}

void TrainStep::failNotFinite(std::span<const MicroBatch> batches, std::int64_t step, const StepResult& result) const {
  NamedTensors suspects;
  for (const auto& batch : batches) suspects.push_back({"the training samples", batch.x0});
  for (const auto& [name, tensor] : parts_.parameters) suspects.push_back({"the parameter '" + name + "'", tensor});
  for (const auto& [name, tensor] : parts_.parameters) {
    suspects.push_back({"the gradient of '" + name + "'", tensor.grad()});
  }
  const auto bad = firstNonFinite(suspects);
  std::string sentence = "update " + std::to_string(step + 1) + " was not made: ";
  if (bad) {
    sentence += bad->name + (bad->nan ? " holds NaN" : " holds infinity") + " (" + std::to_string(bad->count) + " values)";
  } else {
    sentence += std::isfinite(result.loss) ? "the gradient is too large for its number format" : "the loss is not finite";
  }
  throw Error(ErrorKind::NotFinite, sentence + "; the weights are those before this update",
              bad && bad->name == "the training samples"
                  ? "check the dataset with: dwb inspect FILE"
                  : "lower the learning rate, clip the gradient (optim.clip_norm 1.0), or go back to a checkpoint");
}

}  // namespace dw::training
