// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/xudit_task.h"

#include <torch/torch.h>

#include <chrono>
#include <optional>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/random.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/kept_copies.h"
#include "checkpoint/tensor_file.h"
#include "checkpoint/weight_import.h"
#include "config/recipe_json.h"
#include "data/prefetcher.h"
#include "diffusion/forward_process.h"
#include "model/initialisation.h"
#include "model/xudit.h"
#include "run/version.h"
#include "schedule/lr_schedule.h"
#include "schedule/noise_schedule.h"
#include "training/device.h"
#include "training/ema.h"
#include "training/optimizer.h"
#include "training/thread_choice.h"
#include "training/train_step.h"

namespace dw::run {
namespace {

using training::NamedTensors;

double millisecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

std::int64_t countIn(const nlohmann::json& state, const char* name, const std::filesystem::path& checkpoint) {
  const auto found = state.find(name);
  if (found != state.end() && found->is_number_integer() && *found >= 0) return found->get<std::int64_t>();
  throw Error(ErrorKind::BadData, checkpoint, std::string("state.json has no number '") + name + "'", "it may be damaged: resume from an older checkpoint");
}

class XuditSnapshot : public Snapshot {
 public:
  void write(const std::filesystem::path& folder) const override;

  checkpoint::KeptCopies model, optimizer, ema;
  nlohmann::json state;
};

void XuditSnapshot::write(const std::filesystem::path& folder) const {
  checkpoint::writeTensors(folder / "model.safetensors", model.tensors());
  checkpoint::writeTensors(folder / "optimizer.safetensors", optimizer.tensors());
  if (!ema.tensors().empty()) checkpoint::writeTensors(folder / "ema.safetensors", ema.tensors());
  writeFileAtomically(folder / "state.json", state.dump(1));
}

class XuditTask : public TrainingTask {
 public:
  explicit XuditTask(TaskRequest request) : request_(std::move(request)), recipe_(request_.recipe) {}

  TaskFacts prepare() override;
  StepMetrics step(const config::LiveSettings& live) override;
  std::shared_ptr<const Snapshot> takeSnapshot(const config::LiveSettings& live) override;

 private:
  void buildModel();
  void buildStep();
  void resume();
  int measureThreads();
  void copyTensors();
  diffusion::Prediction prediction();
  bool takesContext() const { return recipe_.model.classCond == 0 && recipe_.model.ctxDim > 0; }
  training::MicroBatch wrap(const data::Batch& batch) const;
  training::StepSettings settingsOf(const config::LiveSettings& live) const;

  TaskRequest request_;
  config::Recipe recipe_;
  at::Device device_{at::kCPU};
  std::shared_ptr<model::XUDiT> model_;
  std::unique_ptr<training::Optimizer> optimizer_;
  std::optional<training::Ema> ema_;
  std::optional<training::TrainStep> trainStep_;
  std::optional<data::Prefetcher> batches_;
  std::shared_ptr<XuditSnapshot> snapshot_ = std::make_shared<XuditSnapshot>();
  std::int64_t step_ = 0;
  std::int64_t samplesSeen_ = 0;
};

TaskFacts XuditTask::prepare() {
  device_ = training::openDevice(recipe_.train.device);
  buildModel();
  if (!request_.checkpoint.empty()) resume();
  buildStep();
  if (recipe_.train.threads == 0) recipe_.train.threads = device_.is_cpu() ? measureThreads() : 1;
  at::set_num_threads(static_cast<int>(recipe_.train.threads));

  const auto& info = request_.data->info();
  batches_.emplace(request_.data,
                   data::BatchSampler({.seed = recipe_.train.seed, .batch = recipe_.train.batch, .crop = recipe_.data.crop,
                                       .allowed = data::trainingSamples(info.samples, recipe_.data.holdout, request_.skipped),
                                       .order = recipe_.data.order, .accumulation = recipe_.train.accumulation,
                                       .flip = recipe_.data.flip},
                                      info.samples, info.crops),
                   data::PrefetchSettings{.firstStep = step_, .accumulation = recipe_.train.accumulation, .scale = request_.scale, .context = takesContext()});
  copyTensors();  // now, so that a lack of memory shows before hours of training
  std::int64_t parameters = 0;
  for (const auto& parameter : model_->parameters()) parameters += parameter.numel();
  return {.parameters = parameters,
          .firstStep = step_,
          .threads = static_cast<int>(recipe_.train.threads),
          .device = recipe_.train.device};
}

void XuditTask::buildModel() {
  model_ = std::make_shared<model::XUDiT>(recipe_.model);
  model::initialise(*model_, at::make_generator<at::CPUGeneratorImpl>(streamSeed(recipe_.train.seed, "init", 0)));
  if (!request_.weights.empty()) checkpoint::loadWeights(checkpoint::WeightFile(request_.weights), *model_, request_.ignoreExtras);
  model_->to(device_);
  model_->train();
  const auto parameters = training::namedParameters(*model_);
  optimizer_ = training::makeOptimizer(recipe_.optim, parameters);
  if (recipe_.ema.decay > 0.0) {
    ema_.emplace(training::EmaDecay{.decay = recipe_.ema.decay, .invGamma = recipe_.ema.invGamma, .power = recipe_.ema.power}, parameters);
  }
}

void XuditTask::buildStep() {
  const auto noise = schedule::makeNoiseSchedule(recipe_.schedule);
  if (schedule::endsAtPureNoise(noise)) {
    throw Error(ErrorKind::Usage,
                "schedule.kind: '" + recipe_.schedule.kind + "' ends at pure noise, where predicting the noise teaches nothing",
                "choose a schedule without zero_snr; this one needs the v target");
  }
  trainStep_.emplace(training::TrainStep::Parts{
      .process = diffusion::ForwardProcess(noise, device_, at::kFloat),
      .prediction = prediction(),
      .parameters = training::namedParameters(*model_),
      .optimizer = optimizer_.get(),
      .ema = ema_ ? &*ema_ : nullptr,
      .runSeed = recipe_.train.seed});
}

diffusion::Prediction XuditTask::prediction() {
  return [model = model_, classes = recipe_.model.classCond > 0, context = takesContext()](const at::Tensor& xT, const at::Tensor& time,
                                                                 const diffusion::Condition& condition) {
    model::ForwardExtras extras;
    if (classes) extras.ctx = condition.labels;
    if (context) extras.ctx = condition.context;
    extras.treadGenerator = at::make_generator<at::CPUGeneratorImpl>(condition.routeSeed);
    return model->forward(xT, time, extras);
  };
}

void XuditTask::resume() {
  const auto& folder = request_.checkpoint;
  const auto state = checkpoint::readState(folder);
  step_ = countIn(state, "step", folder);
  samplesSeen_ = countIn(state, "samples_seen", folder);
  training::copyByName(checkpoint::readTensors(folder / "model.safetensors"), checkpoint::stateDict(*model_), "the weights");
  optimizer_->loadState(checkpoint::readTensors(folder / "optimizer.safetensors"));
  if (ema_ && !std::filesystem::exists(folder / "ema.safetensors"))
    throw Error(ErrorKind::Usage, folder, "this checkpoint has no average of the weights (EMA) to go on from", "set ema.decay=0, or begin a new run");
  if (ema_) ema_->load(checkpoint::readTensors(folder / "ema.safetensors"), countIn(state, "ema_updates", folder));
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
  const auto predict = prediction();
  const auto seconds = [&](int threads) {
    at::set_num_threads(threads);
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 3; ++i) {  // the first one warms up, the best of the others counts
      const auto begin = std::chrono::steady_clock::now();
      predict(x, t, condition).square().mean().backward();
      if (i > 0) best = std::min(best, millisecondsSince(begin));
    }
    return best;
  };
  const int threads = training::chooseThreads(seconds, training::usableCores());
  model_->zero_grad(true);
  return threads;
}

training::MicroBatch XuditTask::wrap(const data::Batch& batch) const {
  const auto& info = request_.data->info();
  const auto b = static_cast<std::int64_t>(batch.samples.size());
  training::MicroBatch out;
  // TrainStep only reads it, and it has used it up before the next batch is asked for.
  out.x0 = at::from_blob(const_cast<float*>(batch.values.data()), {b, info.channels, info.height, info.width}, at::kFloat);
  if (!batch.context.empty()) {
    out.context = at::from_blob(const_cast<float*>(batch.context.data()), {b, info.contextRows, info.contextDim}, at::kFloat);
  }
  if (!batch.labels.empty()) out.labels = at::from_blob(const_cast<std::int64_t*>(batch.labels.data()), {b}, at::kLong);
  return out;
}

training::StepSettings XuditTask::settingsOf(const config::LiveSettings& live) const {
  const auto lr = schedule::lrSettings(recipe_.optim, live.lr);
  return {.update = {.lr = schedule::learningRate(lr, step_, live.totalSteps), .weightDecay = live.weightDecay},
          .clipNorm = live.clipNorm,
          .emaDecay = live.emaDecay};
}

StepMetrics XuditTask::step(const config::LiveSettings& live) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<training::MicroBatch> micro;
  for (std::int64_t i = 0; i < recipe_.train.accumulation; ++i) {
    micro.push_back(wrap(batches_->next()));
    // The prefetcher's buffer is good until the next batch: with several, each is kept as a copy.
    if (recipe_.train.accumulation > 1) {
      micro.back().x0 = micro.back().x0.clone();
      if (micro.back().context.defined()) micro.back().context = micro.back().context.clone();
      if (micro.back().labels.defined()) micro.back().labels = micro.back().labels.clone();
    }
  }
  StepMetrics metrics;
  metrics.dataMs = static_cast<float>(millisecondsSince(begin));
  const auto settings = settingsOf(live);
  const auto result = trainStep_->run(micro, step_, settings);
  ++step_;
  samplesSeen_ += result.samples;
  metrics.step = step_;
  metrics.loss = result.loss;
  metrics.lr = settings.update.lr;
  metrics.gradNorm = result.gradNorm;
  metrics.forwardMs = static_cast<float>(result.forwardMs);
  metrics.backwardMs = static_cast<float>(result.backwardMs);
  metrics.optimizerMs = static_cast<float>(result.optimizerMs);
  metrics.samplesSeen = samplesSeen_;
  static_assert(kTimestepBins == training::TimestepBins::kCount);
  metrics.lossSum = result.bins.sum;
  metrics.lossCount = result.bins.count;
  return metrics;
}

void XuditTask::copyTensors() {
  snapshot_->model.take(checkpoint::stateDict(*model_));
  snapshot_->optimizer.take(optimizer_->state());
  if (ema_) snapshot_->ema.take(ema_->shadow());
}

std::shared_ptr<const Snapshot> XuditTask::takeSnapshot(const config::LiveSettings& live) {
  copyTensors();
  snapshot_->state = {{"program", std::string("diffusion-workbench ") + kProgramVersion},
                      {"seed", recipe_.train.seed},
                      {"samples_seen", samplesSeen_},
                      {"ema_updates", ema_ ? ema_->updates() : 0},
                      {"model", config::toJson(recipe_.model)},
                      {"scale", data::toJson(request_.scale)},
                      {"live", {{"lr", live.lr},
                                {"clip_norm", live.clipNorm},
                                {"weight_decay", live.weightDecay},
                                {"ema_decay", live.emaDecay},
                                {"total_steps", live.totalSteps}}}};
  return snapshot_;
}

}  // namespace

std::unique_ptr<TrainingTask> makeXuditTask(TaskRequest request) { return std::make_unique<XuditTask>(std::move(request)); }

}  // namespace dw::run
