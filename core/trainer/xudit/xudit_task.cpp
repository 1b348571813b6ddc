// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/xudit_task.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/version.h"
#include "config/field_text.h"
#include "config/recipe_json.h"
#include "diffusion/objective.h"
#include "inference/networks/checkpoint_model.h"
#include "inference/networks/live_copies.h"
#include "model/initialisation.h"
#include "model/low_precision.h"
#include "model/xudit.h"
#include "run_folder/checkpoint_store.h"
#include "schedule/lr_schedule.h"
#include "schedule/noise_schedule.h"
#include "trainer/xudit/xudit_batches.h"
#include "trainer/xudit/xudit_checkpoint.h"
#include "training/device.h"
#include "training/ema.h"
#include "training/gpu_facts.h"
#include "training/measure_threads.h"
#include "training/memory_meter.h"
#include "training/optimizer.h"
#include "training/train_step.h"
#include "training/validation.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"

namespace dw::trainer::xudit {
namespace {

using training::NamedTensors;

double millisecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// The model is told the context vectors of the data.
bool takesContext(const config::ModelSettings& model) { return model.classCond == 0 && model.ctxDim > 0; }

/// The model of a run with all that has its shape: optimizer, average of the weights, copies for checkpoints and for others to use.
/// Training thread only.
class XuditWeights {
 public:
  /// New ones, drawn by the run's seed on the processor, whatever the device; then those of the request's weight file, if it names one.
  /// Throws Error.
  XuditWeights(const TaskRequest& request, at::Device device);

  model::XUDiT& model() { return *model_; }
  training::Optimizer& optimizer() { return *optimizer_; }
  training::Ema* ema() { return ema_ ? &*ema_ : nullptr; }
  /// Trained numbers.
  std::int64_t parameters() const;
  /// The model as loss and samplers call it; keeps it alive.
  diffusion::Predictor predictor() const;

  /// Those of a verified checkpoint folder, whose state.json is state. Throws Error.
  void load(const std::filesystem::path& folder, const nlohmann::json& state);
  /// Copies all that a checkpoint holds, into memory that is kept from one call to the next. What goes into state.json is the caller's.
  std::shared_ptr<XuditSnapshot> copyForCheckpoint();
  /// A copy of the weights, or of their average where facts say so and there is one.
  std::shared_ptr<const inference::Model> copyToUse(inference::ModelFacts facts);

 private:
  /// With the buffers: what is not learnt has no average, but this is to load as weights of the model.
  NamedTensors averagedState() const;

  config::Recipe recipe_;
  std::shared_ptr<model::XUDiT> model_;
  std::unique_ptr<training::Optimizer> optimizer_;
  std::optional<training::Ema> ema_;
  std::shared_ptr<XuditSnapshot> snapshot_ = std::make_shared<XuditSnapshot>();
  inference::networks::LiveCopies copies_;
};

XuditWeights::XuditWeights(const TaskRequest& request, at::Device device) : recipe_(request.recipe) {
  model_ = std::make_shared<model::XUDiT>(recipe_.model);
  model::initialise(*model_, at::make_generator<at::CPUGeneratorImpl>(streamSeed(recipe_.train.seed, "init", 0)));
  if (!request.weights.empty())
    weights::tensors::loadWeights(weights::WeightFile(request.weights), *model_, request.ignoreExtras);
  model_->to(device);
  model_->train();
  const auto parameters = training::namedParameters(*model_);
  optimizer_ = training::makeOptimizer(recipe_.optim, parameters);
  if (recipe_.ema.decay > 0.0) {
    ema_.emplace(
        training::EmaDecay{.decay = recipe_.ema.decay, .invGamma = recipe_.ema.invGamma, .power = recipe_.ema.power},
        parameters);
  }
}

std::int64_t XuditWeights::parameters() const {
  std::int64_t numbers = 0;
  for (const auto& parameter : model_->parameters()) numbers += parameter.numel();
  return numbers;
}

diffusion::Predictor XuditWeights::predictor() const {
  return [model = model_, classes = recipe_.model.classCond > 0, context = takesContext(recipe_.model),
          low = recipe_.train.precision == config::Precision::BFloat16](const at::Tensor& xT, const at::Tensor& time,
                                                                        const diffusion::Condition& condition) {
    model::ForwardExtras extras;
    if (classes) extras.ctx = condition.labels;
    if (context) extras.ctx = condition.context;
    extras.treadGenerator = at::make_generator<at::CPUGeneratorImpl>(condition.routeSeed);
    const model::LowPrecision precision(xT.device().type(), low);
    return model->forward(xT, time, extras).to(at::kFloat);
  };
}

void XuditWeights::load(const std::filesystem::path& folder, const nlohmann::json& state) {
  training::copyByName(weights::tensors::readTensors(folder / "model.safetensors"),
                       weights::tensors::stateDict(*model_), "the weights");
  optimizer_->loadState(weights::tensors::readTensors(folder / "optimizer.safetensors"));
  if (!ema_) return;
  const auto average = folder / "ema.safetensors";
  if (!std::filesystem::exists(average)) {
    throw Error(ErrorKind::Usage, folder, "this checkpoint has no average of the weights (EMA) to go on from",
                "set ema.decay=0, or begin a new run");
  }
  ema_->load(weights::tensors::readAverages(average, *model_), countIn(state, "ema_updates", folder));
}

NamedTensors XuditWeights::averagedState() const {
  auto all = ema_->shadow();
  for (const auto& buffer : model_->named_buffers()) all.push_back({buffer.key(), buffer.value()});
  return all;
}

std::shared_ptr<XuditSnapshot> XuditWeights::copyForCheckpoint() {
  snapshot_->take(weights::tensors::stateDict(*model_), optimizer_->state(), ema_ ? averagedState() : NamedTensors());
  return snapshot_;
}

std::shared_ptr<const inference::Model> XuditWeights::copyToUse(inference::ModelFacts facts) {
  facts.averaged = facts.averaged && ema_;
  return copies_.copy(facts, facts.averaged ? averagedState() : weights::tensors::stateDict(*model_));
}

class XuditTask : public TrainingTask {
 public:
  explicit XuditTask(TaskRequest request) : request_(std::move(request)) {}

  TaskFacts prepare() override;
  messages::StepMetrics step(const config::LiveSettings& live) override;
  StepFault fault() const override;
  void goTo(const std::filesystem::path& checkpoint) override;
  std::uint64_t peakBytes() const override { return meter_ ? meter_->peak() : 0; }
  std::uint64_t availableBytes() const override { return availableBytes_; }
  std::optional<messages::ValidationPoint> validate(const std::function<bool()>& shouldContinue) override;
  std::shared_ptr<const Snapshot> takeSnapshot(const config::LiveSettings& live) override;
  std::shared_ptr<const inference::Model> copyWeights(bool averaged) override;
  inference::ModelOpener checkpointOpener() const override { return inference::networks::openModel; }

 private:
  config::Recipe& recipe() { return request_.recipe; }
  void measureMemory(at::Device device);
  void buildStep(at::Device device);
  void chooseThreads(at::Device device);
  training::TrialBatch trialBatch();
  training::StepSettings settingsOf(const config::LiveSettings& live) const;

  std::optional<training::MemoryMeter> meter_;  // first: it sees all the others go
  std::uint64_t availableBytes_ = 0;
  TaskRequest request_;
  std::optional<XuditWeights> weights_;
  std::optional<diffusion::TimestepSampler> timesteps_;
  std::optional<training::TrainStep> trainStep_;
  std::optional<training::Validation> validation_;
  std::optional<XuditBatches> batches_;
  StepFault fault_;  ///< of the step in hand, or the last one, without its samples
  std::int64_t step_ = 0;
  std::int64_t samplesSeen_ = 0;
};

TaskFacts XuditTask::prepare() {
  const auto device = training::openDevice(recipe().train.device);
  if (request_.measureMemory) measureMemory(device);
  weights_.emplace(request_, device);
  timesteps_.emplace(
      diffusion::TimestepSampler::Settings{.kind = recipe().diffusion.timesteps,
                                           .steps = recipe().schedule.steps,
                                           .continuous = recipe().diffusion.target == config::Target::Flow,
                                           .shift = recipe().schedule.shift});
  if (!request_.checkpoint.empty()) goTo(request_.checkpoint);
  buildStep(device);
  chooseThreads(device);
  batches_.emplace(request_, takesContext(recipe().model));
  if (auto samples = batches_->validationSamples()) validation_.emplace(std::move(*samples), recipe().train.batch);
  weights_->copyForCheckpoint();  // now, so that a lack of memory shows before hours of training
  return {.parameters = weights_->parameters(),
          .firstStep = step_,
          .threads = static_cast<int>(recipe().train.threads),
          .device = config::toText(recipe().train.device)};
}

void XuditTask::measureMemory(at::Device device) {
  meter_.emplace(device.type());
  if (device.is_cpu()) return;
  if (const auto gpu = training::gpuFacts()) availableBytes_ = gpu->freeBytes;
}

void XuditTask::buildStep(at::Device device) {
  trainStep_.emplace(training::TrainStep::Parts{
      .objective =
          diffusion::Objective(schedule::makeNoiseSchedule(recipe().schedule), recipe().diffusion, device, at::kFloat),
      .predictor = weights_->predictor(),
      .parameters = training::namedParameters(weights_->model()),
      .optimizer = &weights_->optimizer(),
      .ema = weights_->ema(),
      .runSeed = recipe().train.seed,
      .timesteps = &*timesteps_,
      .labelDropout = recipe().diffusion.labelDropout,
      .contextDropout = recipe().diffusion.contextDropout});
}

void XuditTask::chooseThreads(at::Device device) {
  auto& threads = recipe().train.threads;
  if (threads == 0 && device.is_cpu()) {
    if (request_.progress) request_.progress("measuring how many threads are fastest", 0.0);
    threads = training::measureThreads(weights_->predictor(), trialBatch());
    weights_->model().zero_grad(true);
  }
  threads = std::max<std::int64_t>(threads, 1);
  at::set_num_threads(static_cast<int>(threads));
}

/// As large as a batch, of noise.
training::TrialBatch XuditTask::trialBatch() {
  const auto& info = request_.data->info();
  const auto batch = recipe().train.batch;
  training::TrialBatch trial{.x = torch::randn({batch, info.channels, info.height, info.width}),
                             .time = torch::rand({batch}),
                             .condition = {}};
  if (takesContext(recipe().model)) trial.condition.context = torch::zeros({batch, info.contextRows, info.contextDim});
  if (recipe().model.classCond > 0) trial.condition.labels = torch::zeros({batch}, torch::kLong);
  return trial;
}

void XuditTask::goTo(const std::filesystem::path& checkpoint) {
  const auto state = run_folder::readState(checkpoint);
  step_ = countIn(state, "step", checkpoint);
  samplesSeen_ = countIn(state, "samples_seen", checkpoint);
  restoreHistory(state, recipe().schedule.steps, checkpoint, *timesteps_);
  weights_->load(checkpoint, state);
}

StepFault XuditTask::fault() const {
  auto fault = fault_;
  fault.samples = batches_->samples();
  return fault;
}

training::StepSettings XuditTask::settingsOf(const config::LiveSettings& live) const {
  return {.update = {.lr = schedule::learningRate(live, step_), .weightDecay = live.weightDecay},
          .clipNorm = live.clipNorm,
          .emaDecay = live.emaDecay,
          .skipped = live.skipped};
}

messages::StepMetrics XuditTask::step(const config::LiveSettings& live) {
  const auto begin = std::chrono::steady_clock::now();
  const auto number = step_ + live.skipped;
  fault_ = {};
  const auto micro = batches_->draw(number);
  messages::StepMetrics metrics;
  metrics.dataMs = static_cast<float>(millisecondsSince(begin));
  const auto settings = settingsOf(live);
  training::StepResult result;
  try {
    result = trainStep_->run(micro, number, settings);
  } catch (const std::exception& e) {
    const auto* error = dynamic_cast<const Error*>(&e);
    fault_ = {.samples = {},
              .tensor = trainStep_->firstBad(),
              .namesUpdate = error != nullptr && error->kind() == ErrorKind::NotFinite,
              .partialUpdate = trainStep_->partialUpdate()};
    throw;
  }
  ++step_;
  samplesSeen_ += result.samples;
  metrics.step = step_;
  metrics.loss = result.loss;
  metrics.lr = settings.update.lr;
  metrics.gradNorm = result.gradNorm;
  metrics.updateRatio = result.updateRatio;
  metrics.forwardMs = static_cast<float>(result.forwardMs);
  metrics.backwardMs = static_cast<float>(result.backwardMs);
  metrics.optimizerMs = static_cast<float>(result.optimizerMs);
  metrics.samplesSeen = samplesSeen_;
  static_assert(messages::kTimestepBins == training::TimestepBins::kCount);
  metrics.lossSum = result.bins.sum;
  metrics.lossCount = result.bins.count;
  return metrics;
}

std::optional<messages::ValidationPoint> XuditTask::validate(const std::function<bool()>& shouldContinue) {
  if (!validation_) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  auto& model = weights_->model();
  model.eval();                                                                          // TREAD drops no tokens
  const std::shared_ptr<void> trainsAgain(nullptr, [&model](void*) { model.train(); });  // also where memory runs out
  const auto result = validation_->run(*trainStep_, shouldContinue);
  if (!result) return std::nullopt;
  return messages::ValidationPoint{.loss = result->loss, .ms = millisecondsSince(begin), .byBin = result->byBin};
}

std::shared_ptr<const Snapshot> XuditTask::takeSnapshot(const config::LiveSettings& /*live*/) {
  auto snapshot = weights_->copyForCheckpoint();
  const auto& info = request_.data->info();
  const auto json = config::toJson(recipe());
  snapshot->state = {{"program", std::string("diffusion-workbench ") + kProgramVersion},
                     {"seed", recipe().train.seed},
                     {"samples_seen", samplesSeen_},
                     {"ema_updates", weights_->ema() != nullptr ? weights_->ema()->updates() : 0},
                     {"model", config::toJson(recipe().model)},
                     {"scale", data::toJson(request_.scale)},
                     {"schedule", json.at("schedule")},
                     {"diffusion", json.at("diffusion")},
                     {"sample_shape", {info.channels, info.height, info.width}},
                     {"context_rows", info.contextRows},
                     {"class_names", info.classNames},
                     {"timesteps", historyJson(*timesteps_)}};
  return snapshot;
}

std::shared_ptr<const inference::Model> XuditTask::copyWeights(bool averaged) {
  const auto& info = request_.data->info();
  return weights_->copyToUse({.step = step_,
                              .averaged = averaged,
                              .model = recipe().model,
                              .schedule = recipe().schedule,
                              .diffusion = recipe().diffusion,
                              .channels = recipe().model.inputDim,
                              .height = info.height,
                              .width = info.width,
                              .contextRows = info.contextRows,
                              .scale = request_.scale,
                              .classNames = info.classNames});
}

}  // namespace

std::unique_ptr<TrainingTask> makeXuditTask(TaskRequest request) {
  return std::make_unique<XuditTask>(std::move(request));
}

}  // namespace dw::trainer::xudit
