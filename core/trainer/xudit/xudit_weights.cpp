// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/xudit_weights.h"

#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "model/initialisation.h"
#include "model/low_precision.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"

namespace dw::trainer::xudit {

using training::NamedTensors;

XuditWeights::XuditWeights(const TaskRequest& request, at::Device device) : recipe_(request.recipe) {
  model_ = std::make_shared<model::XUDiT>(recipe_.model);
  model::initialise(*model_, at::make_generator<at::CPUGeneratorImpl>(streamSeed(recipe_.train.seed, "init", 0)));
  if (!request.weights.empty()) weights::tensors::loadWeights(weights::WeightFile(request.weights), *model_, request.ignoreExtras);
  model_->to(device);
  model_->train();
  const auto parameters = training::namedParameters(*model_);
  optimizer_ = training::makeOptimizer(recipe_.optim, parameters);
  if (recipe_.ema.decay > 0.0) {
    ema_.emplace(training::EmaDecay{.decay = recipe_.ema.decay, .invGamma = recipe_.ema.invGamma, .power = recipe_.ema.power}, parameters);
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
  training::copyByName(weights::tensors::readTensors(folder / "model.safetensors"), weights::tensors::stateDict(*model_), "the weights");
  optimizer_->loadState(weights::tensors::readTensors(folder / "optimizer.safetensors"));
  if (!ema_) return;
  const auto average = folder / "ema.safetensors";
  if (!std::filesystem::exists(average)) {
    throw Error(ErrorKind::Usage, folder, "this checkpoint has no average of the weights (EMA) to go on from", "set ema.decay=0, or begin a new run");
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

}  // namespace dw::trainer::xudit
