// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"
#include "data/value_scale.h"

namespace dw::inference {

/// All that has to be known of a model to predict and to sample with it; kept in every checkpoint (state.json).
struct ModelFacts {
  std::filesystem::path source{};  ///< checkpoint folder or weight file; empty: copied out of a run under way
  std::int64_t step = 0;           ///< updates done; 0 for a weight file
  bool averaged = false;           ///< the weights are the EMA's
  config::ModelSettings model{};
  config::ScheduleSettings schedule{};  ///< that it was trained with
  config::DiffusionSettings diffusion{};
  std::int64_t channels = 0, height = 0, width = 0;  ///< of a sample
  std::int64_t contextRows = 0;                      ///< rows of a context where the model takes one
  data::ValueScale scale{};                          ///< undo() brings samples back to the numbers of the dataset
  std::vector<std::string> classNames{};

  std::int64_t classes() const { return model.classCond; }
  bool takesContext() const { return model.classCond == 0 && model.ctxDim > 0; }
  std::int64_t sampleSize() const { return channels * height * width; }
  /// Where nobody chose one: models of the straight path have a sampler of their own.
  config::SamplerKind defaultSampler() const { return config::usualSampler(diffusion.target); }
};

/// Whether samples of a model can be laid beside those of a dataset: channels and size, at "checkpoint".
Problems compareShapes(const ModelFacts& model, const config::DatasetShape& data);

}  // namespace dw::inference
