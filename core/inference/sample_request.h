// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/problem.h"
#include "inference/model_facts.h"

namespace dw::inference {

/// What to sample. Picture k of a seed begins from the same noise whatever else differs: sampler, steps, guidance, weights,
/// how many others are made.
struct SampleRequest {
  std::int64_t count = 16;
  config::SamplerKind sampler = config::SamplerKind::Ddim;
  std::int64_t steps = 50;  ///< calls of the model
  config::Spacing spacing = config::Spacing::Trailing;
  double eta = 0.0;                    ///< ddim: share of fresh noise
  bool karras = false;                 ///< euler, dpmpp2m: sigmas spaced as EDM does
  double clip = 0.0;                   ///< x0-hat is kept within +-clip; 0 = free
  double guidance = 1.0;               ///< 1 = the plain conditional model, 0 = told nothing, above 1 = exaggerated
  std::vector<std::int64_t> labels{};  ///< one per picture, or one for all, or none (not told); -1 = not told
  std::vector<float> context{};        ///< [rows, ctx_dim] for all, or [count, rows, ctx_dim]; empty = not told
  std::uint64_t seed = 0;
  std::int64_t first = 0;   ///< number of the first picture: picture k of a seed is always the same
  std::int64_t batch = 64;  ///< pictures at once
  int threads = 0;          ///< of this call alone, whatever others compute with; 0 = as they are
};

/// What is wrong with a request to such a model, at the names of its members; all but sampler, spacing and what goes with
/// them, which Model::check looks at as well.
Problems checkRequest(const SampleRequest& request, const ModelFacts& model);

/// One intermediate state, good until the callback returns. Values are of the model's scale: ModelFacts::scale.undo()
/// brings them back.
struct SampleState {
  std::int64_t step = 0, steps = 0;   ///< model calls done of so many, from 1
  double t = 0.0;                     ///< the timestep the model was just asked at, 0..T
  std::int64_t first = 0, count = 0;  ///< which pictures: first counts from 0 within the request
  std::span<const float> x;           ///< [count, C, H, W] after this step, at unit variance
  std::span<const float> x0;          ///< [count, C, H, W] x0-hat: the end as the model sees it from here
};

/// Called after each model call; false cancels.
using EachSampleState = std::function<bool(const SampleState&)>;

}  // namespace dw::inference
