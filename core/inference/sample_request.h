// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"
#include "data/value_scale.h"

namespace dw::run {

/// All that has to be known of a model to sample from it; kept in every checkpoint (state.json).
struct SampledModel {
  std::filesystem::path source;       ///< checkpoint folder or weight file
  std::int64_t step = 0;              ///< updates done; 0 for a weight file
  bool ema = false;                   ///< the averaged weights
  config::ModelSettings model;
  config::ScheduleSettings schedule;
  config::DiffusionSettings diffusion;
  std::int64_t channels = 0, height = 0, width = 0;  ///< of a sample
  std::int64_t contextRows = 0;       ///< rows of a context where the model takes one
  data::ValueScale scale;             ///< undo() brings samples back to the numbers of the dataset
  std::vector<std::string> classNames;

  std::int64_t classes() const { return model.classCond; }
  bool takesContext() const { return model.classCond == 0 && model.ctxDim > 0; }
};

/// What to sample. Picture k of a seed begins from the same noise whatever else differs: sampler, steps, guidance, weights,
/// how many others are made.
struct SampleRequest {
  std::int64_t count = 16;
  std::string sampler = "ddim";      ///< a name of samplerChoices()
  std::int64_t steps = 50;           ///< calls of the model
  std::string spacing = "trailing";  ///< trailing | leading | linspace
  double eta = 0.0;                  ///< ddim: share of fresh noise
  bool karras = false;               ///< euler, dpmpp2m: sigmas spaced as EDM does
  double clip = 0.0;                 ///< x0-hat is kept within +-clip; 0 = free
  double guidance = 1.0;             ///< 1 = the plain conditional model, 0 = told nothing, above 1 = exaggerated
  std::vector<std::int64_t> labels{};  ///< one per picture, or one for all, or none (not told); -1 = not told
  std::vector<float> context{};        ///< [rows, ctx_dim] for all, or [count, rows, ctx_dim]; empty = not told
  std::uint64_t seed = 0;
  std::int64_t first = 0;            ///< number of the first picture: picture k of a seed is always the same
  std::int64_t batch = 64;           ///< pictures at once
  int threads = 0;                   ///< of this call alone, whatever others compute with; 0 = as they are
};

/// One intermediate state, good until the callback returns. Values are of the model's scale: SampledModel::scale.undo()
/// brings them back.
struct SampleState {
  std::int64_t step = 0, steps = 0;  ///< model calls done of so many, from 1
  double t = 0.0;                    ///< the timestep the model was just asked at, 0..T
  std::int64_t first = 0, count = 0; ///< which pictures: first counts from 0 within the request
  std::span<const float> x;          ///< [count, C, H, W] after this step, at unit variance
  std::span<const float> x0;         ///< [count, C, H, W] x0-hat: the end as the model sees it from here
};

struct SampleResult {
  bool cancelled = false;
  std::vector<float> values;  ///< [count, C, H, W], the model's scale; empty if cancelled
};

/// Called after each model call; false cancels.
using EachSampleState = std::function<bool(const SampleState&)>;

/// A model with its weights, ready to sample. One call at a time (others wait); use it on a thread of its own.
class SamplingModel {
 public:
  virtual ~SamplingModel() = default;
  virtual const SampledModel& info() const = 0;
  /// What is wrong with a request, at the names of its members ("steps", "labels", ...).
  virtual Problems check(const SampleRequest& request) const = 0;
  /// Throws Error Usage with the first problem of check(). A stop asked for, or false from `each`, takes effect after the
  /// present model call.
  virtual SampleResult sample(const SampleRequest& request, const EachSampleState& each = {}, std::stop_token stop = {}) = 0;
};

struct SamplingOptions {
  bool ema = true;            ///< averaged weights where there are any
  std::string device = "cpu";
  // For weight files, which do not tell these:
  config::ScheduleSettings schedule{};
  config::DiffusionSettings diffusion{};
  std::int64_t height = 32, width = 32;
};

/// Opens a checkpoint folder, a run folder (its newest good checkpoint), or a weight file (.safetensors, .pt). A checkpoint
/// whose files are not what was saved is refused. Throws Error.
std::shared_ptr<SamplingModel> openSamplingModel(const std::filesystem::path& path, const SamplingOptions& options = {});

/// What can be known of a checkpoint without reading its weights. Throws Error.
SampledModel describeCheckpoint(const std::filesystem::path& checkpoint, const SamplingOptions& options = {});

/// Whether samples of a model can be laid beside those of a dataset: channels and size, at "checkpoint".
Problems compareShapes(const SampledModel& model, const config::DatasetShape& data);

/// A sampler as forms show it.
struct SamplerChoice {
  std::string name;
  bool eta = false;      ///< takes eta
  bool karras = false;   ///< takes Karras' spacing
  bool leading = true;   ///< may be spaced leading
};
std::vector<SamplerChoice> samplerChoices();
std::vector<std::string> samplerSpacings();

}  // namespace dw::run
