// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "config/choices.h"
#include "config/model_settings.h"

namespace dw::config {

struct DataSettings {
  std::string dataset;         ///< name inside an HDF5 file or a .pt dict; empty = the only fitting one
  std::string axes;            ///< role of each axis in the file, e.g. "BHWC"; empty = guessed (data/axis_roles.h)
  std::string crop = "first";  ///< first | random | a number from 0: which entry of the T axis a sample is
  double scale = 1.0;          ///< factor from stored latents to the model's scale
  bool standardize = false;    ///< first bring each channel to mean 0 and standard deviation 1 over the dataset
  SampleOrder order = SampleOrder::Random;
  bool flip = false;  ///< mirror each sample left to right with chance 1/2
  /// read the dataset into memory before training if that takes at most a quarter of what is free
  bool preload = true;
  bool skipNotFinite = false;  ///< leave out samples that hold NaN or infinity instead of refusing the data
  bool holdout = false;        ///< 2 % of the samples are never trained on (none of fewer than 500)
  bool operator==(const DataSettings&) const = default;
};

struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::LinearTOverT;
  std::int64_t steps = 1000;  ///< T
  double betaMin = 1e-4;
  double betaMax = 0.02;
  /// kind custom: alphaBar at shares of T; see schedule/custom_curve.h
  std::string points = "0:0.9999,0.5:0.5,1:0.0001";
  double shift = 1.0;  ///< flow: above 1 the path spends more of its time near noise
  bool operator==(const ScheduleSettings&) const = default;
};

/// What the model learns to predict, and what of it counts how much.
struct DiffusionSettings {
  Target target = Target::Eps;
  LossWeight lossWeight = LossWeight::None;
  double gamma = 5.0;  ///< of min_snr
  TimestepKind timesteps = TimestepKind::Uniform;
  double labelDropout = 0.1;  ///< share of samples whose label is hidden, so that guidance has something to compare
  double contextDropout = 0.1;
  bool operator==(const DiffusionSettings&) const = default;
};

struct OptimSettings {
  OptimizerKind kind = OptimizerKind::Adam;
  double lr = 1e-4;  ///< peak learning rate
  LrKind lrSchedule = LrKind::Constant;
  std::int64_t warmup = 0;  ///< updates of linear warm-up
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weightDecay = 0.0;
  double clipNorm = 0.0;      ///< largest global gradient norm; 0 = never clipped
  bool fanInScaling = false;  ///< each tensor learns at lr / fan_in
  bool operator==(const OptimSettings&) const = default;
};

struct EmaSettings {
  double decay = 0.0;  ///< 0 = no EMA
  double invGamma = 1.0;
  double power = 2.0 / 3.0;
  bool operator==(const EmaSettings&) const = default;
};

struct TrainSettings {
  std::int64_t batch = 32;
  std::int64_t steps = 5000;  ///< optimizer updates in all
  std::uint64_t seed = 0;
  std::int64_t accumulation = 1;  ///< micro-batches per update
  std::int64_t threads = 0;       ///< 0 = measured once at the start
  Device device = Device::Cpu;
  Precision precision = Precision::Float32;  ///< of matrix products
  bool operator==(const TrainSettings&) const = default;
};

/// Samples that are drawn while a run trains, always from the same noise.
struct SampleSettings {
  std::int64_t every = 0;   ///< updates between them; 0 = none. LiveSettings::sampleEvery begins as this
  std::int64_t count = 8;   ///< pictures each time
  std::int64_t steps = 20;  ///< model calls each
  bool previews = true;     ///< each checkpoint gets a small picture of what it draws
  bool operator==(const SampleSettings&) const = default;
};

struct CheckpointSettings {
  double everyMinutes = 5.0;
  std::int64_t every = 0;  ///< updates between checkpoints; 0 = by time only
  std::int64_t keep = 3;   ///< newest checkpoints that stay
  bool operator==(const CheckpointSettings&) const = default;
};

struct ValidationSettings {
  std::int64_t every = 500;    ///< updates between measurements of the validation loss; 0 = never
  std::int64_t samples = 100;  ///< held-out samples that are measured each time
  bool operator==(const ValidationSettings&) const = default;
};

/// Every frozen field of a run: what may not change once training has begun. Fields that may are in LiveSettings.
struct Recipe {
  std::string name = "custom";
  DataSettings data;
  ModelSettings model;
  ScheduleSettings schedule;
  DiffusionSettings diffusion;
  OptimSettings optim;
  EmaSettings ema;
  TrainSettings train;
  CheckpointSettings checkpoint;
  ValidationSettings validation;
  SampleSettings sample;
  bool operator==(const Recipe&) const = default;
};

/// The recipe that everything begins with unless another one is named.
inline constexpr const char* kFirstRecipe = "quick";

/// Names of the recipes that come with the program, in menu order: the files of resources/recipes, which the build embeds.
std::vector<std::string> builtinRecipeNames();

/// The built-in recipe that is called so, or was in an earlier version ("seed" is "lecture"); nothing if there is none.
std::optional<std::string> builtinRecipeCalled(std::string_view name);

/// A built-in recipe. Throws Error Usage naming the nearest one if there is none of that name.
Recipe builtinRecipe(std::string_view name);

/// What it is for, one or two sentences.
std::string builtinRecipeDescription(std::string_view name);

/// A built-in by name, or a JSON file by path. Throws Error Usage / BadData.
Recipe loadRecipe(const std::string& nameOrPath);

/// Everything wrong with the recipe as such (not with its fit to a dataset).
Problems validate(const Recipe& recipe);

/// What validate() cannot know without the data: channels, size divisible by the patch, batch not above the samples.
struct DatasetShape {
  std::int64_t samples = 0, crops = 1, channels = 0, height = 0, width = 0;
  std::int64_t classes = 0;     ///< number of labels, 0 = unlabelled
  std::int64_t contextDim = 0;  ///< numbers of a context vector, 0 = none
};
Problems validateAgainst(const Recipe& recipe, const DatasetShape& shape);

/// The model with inputDim taken from `other` where it says 0.
ModelSettings fittedModel(ModelSettings model, const ModelSettings& other);

/// The recipe with inputDim taken from the dataset where it says 0.
Recipe fittedTo(Recipe recipe, const DatasetShape& shape);

}  // namespace dw::config
