// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/recipe.h"
#include "diffusion/predictor.h"
#include "inference/networks/live_copies.h"
#include "model/xudit.h"
#include "trainer/xudit/xudit_checkpoint.h"
#include "training/ema.h"
#include "training/optimizer.h"

namespace dw::trainer::xudit {

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
  training::NamedTensors averagedState() const;

  config::Recipe recipe_;
  std::shared_ptr<model::XUDiT> model_;
  std::unique_ptr<training::Optimizer> optimizer_;
  std::optional<training::Ema> ema_;
  std::shared_ptr<XuditSnapshot> snapshot_ = std::make_shared<XuditSnapshot>();
  inference::networks::LiveCopies copies_;
};

/// The model is told the context vectors of the data.
inline bool takesContext(const config::ModelSettings& model) { return model.classCond == 0 && model.ctxDim > 0; }

}  // namespace dw::trainer::xudit
