// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/xudit_task.h"

#include <torch/torch.h>

#include <chrono>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "run_folder/checkpoint_store.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"
#include "config/field_text.h"
#include "config/recipe_json.h"
#include "diffusion/objective.h"
#include "inference/networks/checkpoint_model.h"
#include "inference/networks/live_copies.h"
#include "model/initialisation.h"
#include "model/low_precision.h"
#include "model/xudit.h"
#include "base/version.h"
#include "trainer/xudit/xudit_batches.h"
#include "trainer/xudit/xudit_checkpoint.h"
#include "schedule/lr_schedule.h"
#include "schedule/noise_schedule.h"
#include "training/device.h"
#include "training/ema.h"
#include "training/gpu_facts.h"
#include "training/memory_meter.h"
#include "training/optimizer.h"
#include "training/thread_choice.h"
#include "training/train_step.h"
#include "training/validation.h"

namespace dw::trainer::xudit {
namespace {

using training::NamedTensors;

constexpr double kLongEnoughMs = 1000.0;  // to measure one number of threads

double millisecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

class XuditTask : public TrainingTask {
 public:
  explicit XuditTask(TaskRequest request) : request_(std::move(request)), recipe_(request_.recipe) {}

  TaskFacts prepare() override;
  messages::StepMetrics step(const config::LiveSettings& live) override;
  StepFault fault() const override { return {.samples = batches_->samples(), .tensor = fault_.tensor, .namesUpdate = fault_.namesUpdate, .partialUpdate = fault_.partialUpdate}; }
  void goTo(const std::filesystem::path& checkpoint) override { resume(checkpoint); }
  std::uint64_t peakBytes() const override { return meter_ ? meter_->peak() : 0; }
  std::uint64_t availableBytes() const override { return availableBytes_; }
  std::optional<messages::ValidationPoint> validate(const std::function<bool()>& shouldContinue) override;
  std::shared_ptr<const Snapshot> takeSnapshot(const config::LiveSettings& live) override;
  std::shared_ptr<const inference::Model> copyWeights(bool averaged) override;
  inference::ModelOpener checkpointOpener() const override { return inference::networks::openModel; }

 private:
  void buildModel();
  void buildStep();
  void resume(const std::filesystem::path& folder);
  int measureThreads();
  void measureMemory();
  /// Without what is not learnt.
  NamedTensors averagedState() const;
  void copyTensors();
  diffusion::Predictor predictor();
  bool takesContext() const { return recipe_.model.classCond == 0 && recipe_.model.ctxDim > 0; }
  training::StepSettings settingsOf(const config::LiveSettings& live) const;

  std::optional<training::MemoryMeter> meter_;  // first: it sees all the others go
  std::uint64_t availableBytes_ = 0;
  TaskRequest request_;
  config::Recipe recipe_;
  at::Device device_{at::kCPU};
  std::shared_ptr<model::XUDiT> model_;
  std::unique_ptr<training::Optimizer> optimizer_;
  std::optional<training::Ema> ema_;
  std::optional<diffusion::TimestepSampler> timesteps_;
  std::optional<training::TrainStep> trainStep_;
  std::optional<training::Validation> validation_;
  std::optional<XuditBatches> batches_;
  StepFault fault_;  ///< of the step in hand, or the last one, without its samples
  std::shared_ptr<XuditSnapshot> snapshot_ = std::make_shared<XuditSnapshot>();
  inference::networks::LiveCopies copies_;
  std::int64_t step_ = 0;
  std::int64_t samplesSeen_ = 0;
};

TaskFacts XuditTask::prepare() {
  device_ = training::openDevice(recipe_.train.device);
  if (request_.measureMemory) measureMemory();
  buildModel();
  timesteps_.emplace(diffusion::TimestepSampler::Settings{.kind = recipe_.diffusion.timesteps,
                                                          .steps = recipe_.schedule.steps,
                                                          .continuous = recipe_.diffusion.target == config::Target::Flow,
                                                          .shift = recipe_.schedule.shift});
  if (!request_.checkpoint.empty()) resume(request_.checkpoint);
  buildStep();
  if (recipe_.train.threads == 0) recipe_.train.threads = device_.is_cpu() ? measureThreads() : 1;
  at::set_num_threads(static_cast<int>(recipe_.train.threads));

  batches_.emplace(request_, takesContext());
  if (auto samples = batches_->validationSamples()) validation_.emplace(std::move(*samples), recipe_.train.batch);
  copyTensors();  // now, so that a lack of memory shows before hours of training
  std::int64_t parameters = 0;
  for (const auto& parameter : model_->parameters()) parameters += parameter.numel();
  return {.parameters = parameters,
          .firstStep = step_,
          .threads = static_cast<int>(recipe_.train.threads),
          .device = config::toText(recipe_.train.device)};
}

void XuditTask::measureMemory() {
  meter_.emplace(device_.type());
  if (device_.is_cpu()) return;
  if (const auto gpu = training::gpuFacts()) availableBytes_ = gpu->freeBytes;
}

void XuditTask::buildModel() {
  model_ = std::make_shared<model::XUDiT>(recipe_.model);
  model::initialise(*model_, at::make_generator<at::CPUGeneratorImpl>(streamSeed(recipe_.train.seed, "init", 0)));
  if (!request_.weights.empty()) weights::tensors::loadWeights(weights::WeightFile(request_.weights), *model_, request_.ignoreExtras);
  model_->to(device_);
  model_->train();
  const auto parameters = training::namedParameters(*model_);
  optimizer_ = training::makeOptimizer(recipe_.optim, parameters);
  if (recipe_.ema.decay > 0.0) {
    ema_.emplace(training::EmaDecay{.decay = recipe_.ema.decay, .invGamma = recipe_.ema.invGamma, .power = recipe_.ema.power}, parameters);
  }
}

void XuditTask::buildStep() {
  trainStep_.emplace(training::TrainStep::Parts{
      .objective = diffusion::Objective(schedule::makeNoiseSchedule(recipe_.schedule), recipe_.diffusion, device_, at::kFloat),
      .predictor = predictor(),
      .parameters = training::namedParameters(*model_),
      .optimizer = optimizer_.get(),
      .ema = ema_ ? &*ema_ : nullptr,
      .runSeed = recipe_.train.seed,
      .timesteps = &*timesteps_,
      .labelDropout = recipe_.diffusion.labelDropout,
      .contextDropout = recipe_.diffusion.contextDropout});
}

diffusion::Predictor XuditTask::predictor() {
  return [model = model_, classes = recipe_.model.classCond > 0, context = takesContext(), low = recipe_.train.precision == config::Precision::BFloat16](
             const at::Tensor& xT, const at::Tensor& time, const diffusion::Condition& condition) {
    model::ForwardExtras extras;
    if (classes) extras.ctx = condition.labels;
    if (context) extras.ctx = condition.context;
    extras.treadGenerator = at::make_generator<at::CPUGeneratorImpl>(condition.routeSeed);
    const model::LowPrecision precision(xT.device().type(), low);
    return model->forward(xT, time, extras).to(at::kFloat);
  };
}

void XuditTask::resume(const std::filesystem::path& folder) {
  const auto state = run_folder::readState(folder);
  step_ = countIn(state, "step", folder);
  samplesSeen_ = countIn(state, "samples_seen", folder);
  restoreHistory(state, recipe_.schedule.steps, folder, *timesteps_);
  training::copyByName(weights::tensors::readTensors(folder / "model.safetensors"), weights::tensors::stateDict(*model_), "the weights");
  optimizer_->loadState(weights::tensors::readTensors(folder / "optimizer.safetensors"));
  if (ema_ && !std::filesystem::exists(folder / "ema.safetensors"))
    throw Error(ErrorKind::Usage, folder, "this checkpoint has no average of the weights (EMA) to go on from", "set ema.decay=0, or begin a new run");
  if (ema_) ema_->load(weights::tensors::readAverages(folder / "ema.safetensors", *model_), countIn(state, "ema_updates", folder));
}

/// Seconds of a forward and backward pass with so many threads, on noise; nothing is learnt from it.
int XuditTask::measureThreads() {
  if (request_.progress) request_.progress("measuring how many threads are fastest", 0.0);
  const auto& info = request_.data->info();
  const auto x = torch::randn({recipe_.train.batch, info.channels, info.height, info.width});
  const auto t = torch::rand({recipe_.train.batch});
  diffusion::Condition condition;
  if (takesContext()) condition.context = torch::zeros({recipe_.train.batch, info.contextRows, info.contextDim});
  if (recipe_.model.classCond > 0) condition.labels = torch::zeros({recipe_.train.batch}, torch::kLong);
  const auto predict = predictor();
  const auto seconds = [&](int threads) {
    at::set_num_threads(threads);
    double best = std::numeric_limits<double>::infinity(), spent = 0.0;
    // The first one warms up, the best of the others counts; where one takes so long, warming up is nothing and somebody waits.
    for (int i = 0; i < 3 && spent < kLongEnoughMs; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      predict(x, t, condition).square().mean().backward();
      const double taken = millisecondsSince(begin);
      spent += taken;
      if (i > 0 || taken >= kLongEnoughMs) best = std::min(best, taken);
    }
    return best;
  };
  const int threads = training::chooseThreads(seconds, training::usableCores());
  model_->zero_grad(true);
  return threads;
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
  model_->eval();  // TREAD drops no tokens
  const std::shared_ptr<void> trainsAgain(nullptr, [this](void*) { model_->train(); });  // also where memory runs out
  const auto result = validation_->run(*trainStep_, shouldContinue);
  if (!result) return std::nullopt;
  return messages::ValidationPoint{.loss = result->loss, .ms = millisecondsSince(begin), .byBin = result->byBin};
}

/// With the buffers: what is not learnt has no average, but this is to load as weights of the model.
NamedTensors XuditTask::averagedState() const {
  auto all = ema_->shadow();
  for (const auto& buffer : model_->named_buffers()) all.push_back({buffer.key(), buffer.value()});
  return all;
}

void XuditTask::copyTensors() { snapshot_->take(weights::tensors::stateDict(*model_), optimizer_->state(), ema_ ? averagedState() : NamedTensors()); }

std::shared_ptr<const Snapshot> XuditTask::takeSnapshot(const config::LiveSettings& /*live*/) {
  copyTensors();
  const auto& info = request_.data->info();
  const auto recipe = config::toJson(recipe_);
  snapshot_->state = {{"program", std::string("diffusion-workbench ") + kProgramVersion},
                      {"seed", recipe_.train.seed},
                      {"samples_seen", samplesSeen_},
                      {"ema_updates", ema_ ? ema_->updates() : 0},
                      {"model", config::toJson(recipe_.model)},
                      {"scale", data::toJson(request_.scale)},
                      {"schedule", recipe.at("schedule")},
                      {"diffusion", recipe.at("diffusion")},
                      {"sample_shape", {info.channels, info.height, info.width}},
                      {"context_rows", info.contextRows},
                      {"class_names", info.classNames},
                      {"timesteps", historyJson(*timesteps_)}};
  return snapshot_;
}

std::shared_ptr<const inference::Model> XuditTask::copyWeights(bool averaged) {
  averaged = averaged && ema_;
  const auto& info = request_.data->info();
  return copies_.copy({.step = step_,
                       .averaged = averaged,
                       .model = recipe_.model,
                       .schedule = recipe_.schedule,
                       .diffusion = recipe_.diffusion,
                       .channels = recipe_.model.inputDim,
                       .height = info.height,
                       .width = info.width,
                       .contextRows = info.contextRows,
                       .scale = request_.scale,
                       .classNames = info.classNames},
                      averaged ? averagedState() : weights::tensors::stateDict(*model_));
}

}  // namespace

std::unique_ptr<TrainingTask> makeXuditTask(TaskRequest request) { return std::make_unique<XuditTask>(std::move(request)); }

}  // namespace dw::trainer::xudit
