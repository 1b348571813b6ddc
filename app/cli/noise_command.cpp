// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "cli/assignments.h"
#include "cli/command.h"
#include "data/channel_statistics.h"
#include "data/latent_source.h"
#include "data/pictures/contact_sheet.h"
#include "data/pictures/rgb_projection.h"
#include "data/plain_source.h"
#include "data/sources/open_source.h"
#include "data/value_scale.h"
#include "data/writers/convert.h"
#include "schedule/forward_noise.h"
#include "schedule/noise_schedule.h"

namespace dw::cli {
namespace {

struct Options {
  std::string data, out;
  std::int64_t index = 0;
  std::vector<std::int64_t> t{0, 250, 500, 750, 999};
  std::string schedule{config::keyOf(config::ScheduleSettings{}.kind)};
  std::vector<std::string> set;
  std::uint64_t seed = 0;
  bool channels = false, force = false;
  int columns = 0, zoom = 0;
};

config::Recipe recipeOf(const Options& o) {
  config::Recipe recipe;
  setOrThrow(recipe, "schedule.kind", o.schedule);
  applySet(recipe, o.set, "schedule.beta_max=0.02");
  return recipe;
}

void checkTimesteps(const std::vector<std::int64_t>& t, std::int64_t steps) {
  for (const auto step : t) {
    if (step >= 0 && step < steps) continue;
    throw Error(
        ErrorKind::Usage,
        "--t: there is no timestep " + std::to_string(step) + ": the schedule has 0 to " + std::to_string(steps - 1),
        "give numbers in that range, such as 0,250,500");
  }
}

/// x_0 of the chosen sample in the model's scale.
std::vector<float> cleanSample(const Options& o, const config::DataSettings& settings, const data::LatentSource& source,
                               data::ValueScale& scale) {
  const auto& info = source.info();
  if (o.index < 0 || o.index >= info.samples) {
    throw Error(
        ErrorKind::Usage, info.path,
        "there is no sample " + std::to_string(o.index) + ": the dataset has 0 to " + std::to_string(info.samples - 1),
        "choose another --index");
  }
  std::vector<float> x0(static_cast<std::size_t>(info.sampleSize()));
  const std::vector<std::int64_t> samples{o.index}, crops{0};
  source.read(samples, crops, x0);
  if (!std::ranges::all_of(x0, [](float v) { return std::isfinite(v); })) {
    throw Error(ErrorKind::BadData, info.path, "sample " + std::to_string(o.index) + " holds NaN or infinity",
                "choose another --index");
  }
  // Standardising needs the whole dataset; a factor alone does not.
  scale = settings.standardize
              ? data::valueScale(settings, data::channelStatistics(source))
              : data::ValueScale{
                    .mean = {}, .factor = std::vector<double>(static_cast<std::size_t>(info.channels), settings.scale)};
  scale.apply(x0, static_cast<std::size_t>(info.channels), static_cast<std::size_t>(info.height * info.width));
  return x0;
}

/// The sample at every t with one and the same noise, [t, C, H, W], in the model's scale.
std::vector<float> noisedSamples(const std::vector<float>& x0, const schedule::NoiseSchedule& schedule,
                                 const Options& o) {
  std::vector<float> eps(x0.size()), all;
  Philox random(streamSeed(o.seed, "looked at", 0));
  for (float& value : eps) value = static_cast<float>(random.normal());
  all.resize(o.t.size() * x0.size());
  for (std::size_t i = 0; i < o.t.size(); ++i)
    schedule::addNoise(x0, eps, schedule::forwardTerms(schedule, o.t[i]),
                       std::span(all).subspan(i * x0.size(), x0.size()));
  return all;
}

void writeSheet(const Options& o, const data::SourceInfo& info, const std::vector<float>& values) {
  const auto projection = data::pictures::defaultProjection(info);
  const auto pictures =
      data::pictures::picturesOf(values, info, projection, o.channels ? std::optional(3.0F) : std::nullopt);
  const int own = o.channels ? static_cast<int>(info.channels) + 1 : std::min(static_cast<int>(pictures.size()), 10);
  const int zoom = o.zoom > 0 ? o.zoom : data::pictures::zoomFor(info.height, info.width, 128);
  data::pictures::writePng(o.out, data::pictures::contactSheet(
                                      pictures, {.columns = o.columns > 0 ? o.columns : own, .zoom = zoom, .gap = 4}));
}

int noise(const Options& o) {
  if (!o.force && std::filesystem::exists(o.out))
    throw Error(ErrorKind::Usage, std::filesystem::path(o.out), "there is a file of this name already",
                "choose another name, or --force to replace it");
  const auto recipe = recipeOf(o);
  const auto schedule = schedule::makeNoiseSchedule(recipe.schedule);
  checkTimesteps(o.t, schedule.steps());
  const auto source = data::sources::openSource(o.data, {.dataset = recipe.data.dataset, .axes = recipe.data.axes});
  const auto& info = source->info();
  data::ValueScale scale;
  auto values = noisedSamples(cleanSample(o, recipe.data, *source, scale), schedule, o);
  const bool picture = std::filesystem::path(o.out).extension() == ".png";
  if (picture) {
    writeSheet(o, info, values);
  } else {
    data::writers::convertDataset(*data::makePlainSource({.channels = info.channels,
                                                          .height = info.height,
                                                          .width = info.width,
                                                          .values = values,
                                                          .labels = {},
                                                          .classNames = {}}),
                                  o.out, {.dtype = "f32", .chunk = 0, .overwrite = o.force});
  }
  for (const auto t : o.t) {
    const auto i = static_cast<std::size_t>(t);
    std::printf("t %lld: alpha-bar %.6g, x_t = %.6g x_0 + %.6g eps, SNR %.4g\n", static_cast<long long>(t),
                schedule.alphaBar[i], schedule.sqrtAlphaBar[i], schedule.sigma[i], schedule.snr[i]);
  }
  return kDone;
}

}  // namespace

std::function<int()> declareNoise(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("--data", o->data, "dataset: a file, a folder, a pattern, or 'demo'")->required();
  parser
      .add_option("--out", o->out,
                  "what to write: .png (a sheet), or the numbers as .h5, .npz or .safetensors, in the model's scale")
      ->required();
  parser.add_option("--index", o->index, "which sample")->capture_default_str();
  parser.add_option("--t", o->t, "timesteps, such as 0,250,500,999")->delimiter(',')->capture_default_str();
  parser.add_option("--schedule", o->schedule, config::inOneLine(config::keysOf<config::ScheduleKind>()))
      ->capture_default_str();
  parser.add_option("--set", o->set, "another field of a recipe, e.g. --set data.standardize=true (repeatable)")
      ->allow_extra_args(false);
  parser.add_option("--seed", o->seed, "of the noise, the same at every t")->capture_default_str();
  parser.add_flag("--channels", o->channels, "PNG: every channel beside each picture");
  parser.add_option("--columns", o->columns, "of the sheet")->check(CLI::Range(1, 1000));
  parser.add_option("--zoom", o->zoom, "pixels of the PNG for each of a sample")->check(CLI::Range(1, 64));
  parser.add_flag("--force", o->force, "replace a file that is there");
  return [o] { return noise(*o); };
}

}  // namespace dw::cli
