// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/xudit_frozen.h"

#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <unordered_map>

#include "base/error.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/tensor_file.h"
#include "checkpoint/weight_export.h"
#include "diffusion/prediction_target.h"
#include "model/xudit.h"
#include "run/run_folder.h"
#include "run/sampling_core.h"
#include "run/xudit_frozen_weights.h"
#include "training/named_tensors.h"
#include "training/own_threads.h"

namespace dw::run {
namespace {

std::vector<float> numbersOf(const at::Tensor& tensor) {
  const auto dense = tensor.contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

}  // namespace

class FrozenXudit : public FrozenModel {
 public:
  explicit FrozenXudit(const config::ModelSettings& settings) : model_(std::make_shared<model::XUDiT>(settings)) {
    model_->eval();
    for (const auto& [name, tensor] : checkpoint::stateDict(*model_)) places_.emplace(name, tensor);
  }

  const FrozenFacts& facts() const override { return facts_; }
  ModelAnswer ask(const ModelQuestion& question) const override;
  std::shared_ptr<SamplingModel> sampling() const override;

  void load(const std::filesystem::path& checkpoint) { checkpoint::loadCheckpoint(checkpoint, facts_.averaged, *model_); }
  void setFacts(const FrozenFacts& facts) { facts_ = facts; }
  void take(const training::NamedTensors& weights) {
    const at::NoGradGuard noGrad;
    for (const auto& [name, tensor] : weights) {
      if (const auto place = places_.find(name); place != places_.end()) place->second.copy_(tensor);
    }
  }

 private:
  void refuseMisfit(const ModelQuestion& question) const;

  std::shared_ptr<model::XUDiT> model_;
  std::unordered_map<std::string, at::Tensor> places_;  ///< the model's own tensors by name
  FrozenFacts facts_;
};

void FrozenXudit::refuseMisfit(const ModelQuestion& question) const {
  const auto& settings = facts_.recipe.model;
  if (question.channels != settings.inputDim) {
    throw Error(ErrorKind::Usage, "this model works on " + std::to_string(settings.inputDim) + " channels, the sample has " + std::to_string(question.channels),
                "open the dataset that the run was trained on");
  }
  if (question.height % settings.patchSize != 0 || question.width % settings.patchSize != 0) {
    throw Error(ErrorKind::Usage, "a sample of " + std::to_string(question.height) + " x " + std::to_string(question.width) +
                                      " cannot be cut into patches of " + std::to_string(settings.patchSize), "open the dataset that the run was trained on");
  }
  const auto numbers = static_cast<std::size_t>(question.samples * question.channels * question.height * question.width);
  if (question.xT.size() != numbers) throw Error(ErrorKind::Internal, "a question of the wrong size");
}

ModelAnswer FrozenXudit::ask(const ModelQuestion& question) const {
  refuseMisfit(question);
  training::computeInThisThreadOnly();
  const c10::InferenceMode inference;
  const auto xT = at::from_blob(const_cast<float*>(question.xT.data()), {question.samples, question.channels, question.height, question.width}, at::kFloat);
  const auto target = diffusion::targetFrom(facts_.recipe.diffusion.target);
  const diffusion::Level level{.signal = std::max(question.terms.signal, 1e-4), .noise = question.terms.sigma};
  // On the straight path time is the share of noise itself.
  const double when = target == diffusion::Target::Flow ? level.noise / (level.signal + level.noise) : question.time;
  const auto time = at::full({question.samples}, when, at::kFloat);
  model::ForwardExtras extras;
  if (facts_.recipe.model.classCond > 0 && !question.labels.empty()) extras.ctx = at::tensor(question.labels, at::kLong);
  // Whatever the model predicts, it tells both parts of x_t; an eps model sees nothing of x_0 in pure noise.
  const auto output = model_->forward(xT * diffusion::inputFactor(target, level), time, extras);
  const auto parts = diffusion::partsOf(target, xT, output, level);
  return {numbersOf(parts.eps), numbersOf(parts.x0)};
}

std::shared_ptr<SamplingModel> FrozenXudit::sampling() const {
  const auto& recipe = facts_.recipe;
  return makeSamplingModel({.source = {},
                            .step = facts_.step,
                            .ema = facts_.averaged,
                            .model = recipe.model,
                            .schedule = recipe.schedule,
                            .diffusion = recipe.diffusion,
                            .channels = recipe.model.inputDim,
                            .height = facts_.height,
                            .width = facts_.width,
                            .contextRows = facts_.contextRows,
                            .scale = facts_.scale,
                            .classNames = facts_.classNames},
                           model_);
}

FrozenCopies::FrozenCopies() = default;
FrozenCopies::~FrozenCopies() = default;

std::shared_ptr<const FrozenModel> FrozenCopies::copy(const FrozenFacts& facts, const std::vector<training::NamedTensor>& weights) {
  const auto idle = std::find_if(kept_.begin(), kept_.end(), [](const auto& one) { return one.use_count() == 1; });
  std::atomic_thread_fence(std::memory_order_acquire);  // what its last holder read, he read before
  const auto model = idle != kept_.end() ? *idle : std::make_shared<FrozenXudit>(facts.recipe.model);
  if (idle == kept_.end()) kept_.push_back(model);
  model->setFacts(facts);
  model->take(weights);
  return model;
}

std::shared_ptr<const FrozenModel> openFrozenModel(const std::filesystem::path& checkpoint, bool averaged) {
  training::computeInThisThreadOnly();
  const auto state = checkpoint::readState(checkpoint);
  const auto description = describeRunOf(checkpoint);
  if (averaged && !checkpoint::hasAverage(checkpoint)) {
    throw Error(ErrorKind::Usage, checkpoint, "this checkpoint has no average of the weights (EMA)", "use the weights themselves");
  }
  const auto known = describeCheckpoint(checkpoint);
  FrozenFacts facts{.step = known.step, .averaged = averaged, .recipe = description.recipe, .scale = {}};
  if (state.contains("scale")) facts.scale = data::valueScaleFrom(state["scale"], facts.recipe.model.inputDim);
  facts.height = known.height;
  facts.width = known.width;
  facts.contextRows = known.contextRows;
  facts.classNames = known.classNames;
  auto model = std::make_shared<FrozenXudit>(facts.recipe.model);
  model->setFacts(facts);
  model->load(checkpoint);
  return model;
}

}  // namespace dw::run
