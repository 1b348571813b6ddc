// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"
#include "inference/model_facts.h"
#include "inference/sample_request.h"
#include "inference/sample_set.h"
#include "schedule/forward_noise.h"

namespace dw::inference {

/// Noisy samples, all at the same time, in which a model is to see the noise.
struct PredictRequest {
  std::vector<float> xT;  ///< [B, C, H, W], in the model's scale
  std::int64_t samples = 1, channels = 0, height = 0, width = 0;
  double time = 0.0;                   ///< t / T
  schedule::ForwardTerms terms{};      ///< that x_t was mixed with
  std::vector<std::int64_t> labels{};  ///< class of each sample; empty = none is told
};

/// What it sees, [B, C, H, W] each, whatever the model was trained to predict.
struct Prediction {
  std::vector<float> eps;  ///< the noise in x_t
  std::vector<float> x0;   ///< the sample without it
};

/// A model with the weights of one step, apart from whoever trains it: they do not change any more. One call at a time, the
/// others wait; use it on a thread of its own.
///
///   const auto model = networks::openModel("run/checkpoints/step-0000500");
///   if (const auto made = model->sample({.count = 4, .seed = 1})) show(made->stored());
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelFacts& facts() const = 0;
  /// Computes in the calling thread alone. Throws Error Usage if the request does not fit the model.
  virtual Prediction predict(const PredictRequest& request) const = 0;
  /// What is wrong with a request, at the names of its members ("steps", "labels", ...).
  virtual Problems check(const SampleRequest& request) const = 0;
  /// Empty: cancelled, by a stop that was asked for or by false from `each`; both take effect after the present model call.
  /// Throws Error Usage with the first problem of check().
  virtual std::optional<SampleSet> sample(const SampleRequest& request, const EachSampleState& each = {},
                                          std::stop_token stop = {}) const = 0;
};

/// Which weights of a checkpoint.
enum class WeightChoice {
  Last,            ///< those of the last update
  Averaged,        ///< their average (EMA); an error where there is none
  AveragedIfKept,  ///< the average where there is one
};

struct OpenOptions {
  WeightChoice weights = WeightChoice::AveragedIfKept;
  config::Device device = config::Device::Cpu;
  bool verify = true;  ///< reads all files of a checkpoint once more: those that are not what was saved are refused
  int threads = 0;     ///< of reading it, whatever others compute with; 0 = as they are
  // What weight files, and checkpoints of the first versions, do not tell:
  config::ScheduleSettings schedule{};
  config::DiffusionSettings diffusion{};
  std::int64_t height = 32, width = 32;
};

/// How a checkpoint folder becomes a model: networks::openModel, or a test's own.
using ModelOpener =
    std::function<std::shared_ptr<const Model>(const std::filesystem::path& checkpoint, const OpenOptions& options)>;

}  // namespace dw::inference
