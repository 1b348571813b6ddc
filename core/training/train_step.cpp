// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/train_step.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "base/text_format.h"
#include "diffusion/loss.h"
#include "training/finite_check.h"
#include "training/gradient_clip.h"
#include "training/update_ratio.h"

namespace dw::training {
namespace {

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

TrainStep::TrainStep(Parts parts) : parts_(std::move(parts)), clock_(parts_.objective.device()) {
  TORCH_CHECK(parts_.optimizer != nullptr, "a training step needs an optimizer");
}

StepResult TrainStep::run(std::span<const MicroBatch> microBatches, std::int64_t step, const StepSettings& settings) {
  StepResult result;
  result.samples = sampleCount(microBatches);
  const auto update = step + 1 - settings.skipped;  // the first is 1
  const GradientScope scope(parts_.parameters);
  clock_.begin();
  updating_ = false;
  firstBad_.clear();

  // 1. Forward and 2. backward, micro-batch by micro-batch; each counts by its share of the samples.
  std::vector<Pass> passes;
  for (const auto& batch : microBatches) {
    Pass pass = forward(batch, step, static_cast<std::int64_t>(passes.size()));
    const double share = static_cast<double>(batch.x0.size(0)) / static_cast<double>(result.samples);
    if (microBatches.size() > 1) {
      pass.loss.value.mul_(share);
      pass.loss.gradient.mul_(share);
    }
    clock_.forwardEnds();
    pass.prediction.backward(pass.loss.gradient);
    pass.prediction.reset();
    pass.loss.gradient.reset();
    passes.push_back(std::move(pass));
    clock_.backwardEnds();
  }

  // 3. Norm, the step's only transfer to the host, and the check: nothing has been changed up to here.
  const std::vector<at::Tensor> gradient = gradients();
  readBack(passes, globalNorm(gradient), result);
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradNorm)) failNotFinite(microBatches, update, result);

  // 4. Clip, update, average.
  const double factor = clipFactor(result.gradNorm, settings.clipNorm);
  if (factor < 1.0) scaleGradients(gradient, factor);
  std::optional<UpdateRatio> change;
  if (update % kUpdateRatioEvery == 0) change.emplace(parts_.parameters);
  updating_ = true;  // until all is done: an allocation may fail in between
  parts_.optimizer->step(gradient, settings.update);
  if (change) result.updateRatio = change->ratio();
  if (parts_.timesteps != nullptr) parts_.timesteps->learn(result.timesteps, result.losses);
  if (parts_.ema != nullptr) parts_.ema->update(settings.emaDecay);
  updating_ = false;
  const auto times = clock_.end();
  result.forwardMs = times.forward;
  result.backwardMs = times.backward;
  result.optimizerMs = times.optimizer;
  return result;
}

TrainStep::Pass TrainStep::forward(const MicroBatch& batch, std::int64_t step, std::int64_t microBatch) const {
  const auto& objective = parts_.objective;
  const StreamPosition position{.runSeed = parts_.runSeed, .step = step, .microBatch = microBatch};
  const StepDraw draw = parts_.timesteps != nullptr
                            ? drawStep(position, batch.x0.sizes(), *parts_.timesteps, objective.type())
                            : drawStep(position, batch.x0.sizes(), objective.steps(), objective.type());
  return forwardAt(batch, draw, &position);
}

/// training: null asks with all that is known, as validation does.
diffusion::Condition TrainStep::conditionOf(const MicroBatch& batch, const StreamPosition* training) const {
  diffusion::Condition condition;
  const auto count = batch.x0.size(0);
  const auto device = parts_.objective.device();
  condition.context = batch.context;
  condition.labels = batch.labels;
  if (training != nullptr) {
    condition.routeSeed = streamSeed(training->runSeed, "tread", static_cast<std::uint64_t>(training->step),
                                     static_cast<std::uint64_t>(training->microBatch));
    if (condition.labels.defined() && parts_.labelDropout > 0.0) {
      condition.labels = condition.labels.masked_fill(drawHidden(*training, "label", count, parts_.labelDropout), -1);
    }
    if (condition.context.defined() && parts_.contextDropout > 0.0) {
      condition.context = condition.context.masked_fill(
          drawHidden(*training, "context", count, parts_.contextDropout).view({count, 1, 1}), 0);
    }
  }
  if (condition.context.defined()) condition.context = condition.context.to(device);
  if (condition.labels.defined()) condition.labels = condition.labels.to(device);
  return condition;
}

TrainStep::Pass TrainStep::forwardAt(const MicroBatch& batch, const StepDraw& draw,
                                     const StreamPosition* training) const {
  const auto& objective = parts_.objective;
  const at::Tensor x0 = batch.x0.to(objective.device(), objective.type());
  const auto pair =
      objective.pairAt(x0, draw.eps.to(objective.device()), {.t = draw.t, .time = draw.time, .weight = draw.weight});
  Pass pass;
  pass.t = draw.t;
  pass.prediction = parts_.predictor(pair.xT, pair.time, conditionOf(batch, training));
  pass.loss = diffusion::meanSquaredError(pass.prediction, pair.target, pair.weight);
  return pass;
}

at::Tensor TrainStep::lossesAt(const MicroBatch& batch, const StepDraw& draw) const {
  const at::NoGradGuard noGrad;
  return forwardAt(batch, draw, nullptr).loss.perSample;
}

std::vector<at::Tensor> TrainStep::gradients() const {
  std::vector<at::Tensor> all;
  all.reserve(parts_.parameters.size());
  for (const auto& entry : parts_.parameters) all.push_back(entry.tensor.grad());
  return all;
}

void TrainStep::readBack(const std::vector<Pass>& passes, const at::Tensor& norm, StepResult& result) const {
  std::vector<at::Tensor> pieces{norm.to(parts_.objective.device(), parts_.objective.type()).view(1)};
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
    for (std::int64_t i = 0; i < pass.t.size(0); ++i) {
      result.timesteps.push_back(t[i]);
      result.losses.push_back(*next);
      result.bins.add(t[i], parts_.objective.steps(), *next++);
    }
  }
}

void TrainStep::failNotFinite(std::span<const MicroBatch> batches, std::int64_t update, const StepResult& result) {
  NamedTensors suspects;
  for (const auto& batch : batches) suspects.push_back({"the training samples", batch.x0});
  for (const auto& [name, tensor] : parts_.parameters) suspects.push_back({"the parameter '" + name + "'", tensor});
  for (const auto& [name, tensor] : parts_.parameters) {
    suspects.push_back({"the gradient of '" + name + "'", tensor.grad()});
  }
  const auto bad = firstNonFinite(suspects);
  firstBad_ = bad ? bad->name : std::string();
  std::string sentence = "update " + std::to_string(update) + " was not made: ";
  if (bad) {
    sentence += bad->name + (bad->nan ? " holds NaN" : " holds infinity") + " (" + countText(bad->count, "value") + ")";
  } else {
    sentence +=
        std::isfinite(result.loss) ? "the gradient is too large for its number format" : "the loss is not finite";
  }
  throw Error(ErrorKind::NotFinite, sentence + "; the weights are those before this update",
              bad && bad->name == "the training samples"
                  ? "check the dataset with: dwb inspect FILE"
                  : "lower the learning rate, clip the gradient (optim.clip_norm 1.0), or go back to a checkpoint");
}

}  // namespace dw::training
