// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/recipe.h"
#include "data/value_scale.h"
#include "run/sampling.h"
#include "schedule/forward_noise.h"

namespace dw::run {

/// What a model is asked: noisy samples, all at the same time.
struct ModelQuestion {
  std::vector<float> xT;  ///< [B, C, H, W], in the model's scale
  std::int64_t samples = 1, channels = 0, height = 0, width = 0;
  double time = 0.0;                   ///< t / T
  schedule::ForwardTerms terms{};      ///< that x_t was mixed with
  std::vector<std::int64_t> labels{};  ///< class of each sample; empty = none is told
};

/// What it answers, [B, C, H, W] each.
struct ModelAnswer {
  std::vector<float> eps;  ///< the noise that it sees in x_t
  std::vector<float> x0;   ///< the sample without it
};

/// Facts about frozen weights.
struct FrozenFacts {
  std::int64_t step = 0;   ///< updates done
  bool averaged = false;   ///< the EMA's
  config::Recipe recipe;
  data::ValueScale scale;
  // Of a sample of the dataset; 0 where they are not known.
  std::int64_t height = 0, width = 0, contextRows = 0;
  std::vector<std::string> classNames{};
};

/// A model with the weights of one step, apart from whoever trains it: they do not change any more. Computes in the calling
/// thread alone; not from two threads at once.
class FrozenModel {
 public:
  virtual ~FrozenModel() = default;
  virtual const FrozenFacts& facts() const = 0;
  /// Throws Error Usage if the question does not fit the model.
  virtual ModelAnswer ask(const ModelQuestion& question) const = 0;
  /// The same weights, to draw samples with; hold this object as long as you use it. Null: they cannot.
  virtual std::shared_ptr<SamplingModel> sampling() const { return nullptr; }
};

/// How a checkpoint folder becomes a model; averaged: its EMA. Throws Error. The real one: openFrozenModel (xudit_frozen.h).
using ModelOpener = std::function<std::shared_ptr<const FrozenModel>(const std::filesystem::path& checkpoint, bool averaged)>;

}  // namespace dw::run
