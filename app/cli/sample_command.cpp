// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stop_signal.h"
#include "base/text_format.h"
#include "cli/assignments.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/progress_line.h"
#include "config/field_text.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"
#include "data/pictures/contact_sheet.h"
#include "data/writers/convert.h"
#include "inference/networks/checkpoint_model.h"

namespace dw::cli {
namespace {

constexpr std::int64_t kMostPictures = 1'000'000;  ///< as the model does at once

struct Options {
  std::string checkpoint, out;
  inference::SampleRequest request;
  inference::OpenOptions open;
  std::string sampler{config::keyOf(inference::SampleRequest{}.sampler)},
      spacing{config::keyOf(inference::SampleRequest{}.spacing)},
      device{config::keyOf(inference::OpenOptions{}.device)};
  std::vector<std::string> labels, set;
  bool ema = false, noEma = false, force = false, json = false, channels = false;
  std::string dtype;
  int columns = 0, zoom = 0;
};

/// What is chosen by name; schedule and target of a weight file, which does not tell them.
void takeSettings(Options& o) {
  o.request.sampler = config::choiceNamed<config::SamplerKind>("sampler", o.sampler);
  o.request.spacing = config::choiceNamed<config::Spacing>("spacing of timesteps", o.spacing);
  o.open.device = config::choiceNamed<config::Device>("device", o.device);
  config::Recipe recipe;
  applySet(recipe, o.set, "diffusion.target=v");
  o.open.schedule = recipe.schedule;
  o.open.diffusion = recipe.diffusion;
}

/// A class by number or name; "all" stands for each of them.
void addLabels(const std::string& word, const inference::ModelFacts& model, std::vector<std::int64_t>& out) {
  if (word == "all") {
    if (model.classes() == 0)
      throw Error(ErrorKind::Usage, "--label: this model was trained without class labels", "leave --label out");
    for (std::int64_t k = 0; k < model.classes(); ++k) out.push_back(k);
    return;
  }
  for (std::size_t k = 0; k < model.classNames.size(); ++k) {
    if (model.classNames[k] == word) return out.push_back(static_cast<std::int64_t>(k));
  }
  std::int64_t number = 0;
  if (config::fromText(word, number)) return out.push_back(number);
  if (model.classNames.empty())
    throw Error(ErrorKind::Usage, "--label " + word + " is no class number", "give a number from 0, or all");
  throw Error(ErrorKind::Usage, "there is no class called '" + word + "'",
              "did you mean " + config::nearestName(word, model.classNames) + "?");
}

/// --count pictures of each label that was given.
void spreadLabels(const Options& o, const inference::ModelFacts& model, inference::SampleRequest& request) {
  std::vector<std::int64_t> each;
  for (const auto& word : o.labels) addLabels(word, model, each);
  if (each.empty() || request.count < 1) return;  // the model says what is wrong with such a count
  if (request.count > kMostPictures / static_cast<std::int64_t>(each.size())) {
    throw Error(ErrorKind::Usage, "--count: these would be more than " + std::to_string(kMostPictures) + " pictures",
                "make fewer at once; --first goes on with the next ones");
  }
  request.labels.clear();
  for (const auto label : each)
    request.labels.insert(request.labels.end(), static_cast<std::size_t>(request.count), label);
  request.count = static_cast<std::int64_t>(request.labels.size());
}

/// Pictures in a grid: a row for each label where several were given, else about a square.
void writeSheet(const Options& o, const inference::SampleSet& samples) {
  const auto& model = samples.model;
  const auto pictures = inference::picturesOf(samples, o.channels ? std::optional(0.0F) : std::nullopt);
  int columns = o.columns;
  if (columns == 0 && o.channels) columns = static_cast<int>(model.channels) + 1;
  if (columns == 0 && o.labels.size() + (o.labels == std::vector<std::string>{"all"} ? 1 : 0) > 1)
    columns = static_cast<int>(o.request.count);
  if (columns == 0) columns = data::pictures::squareColumns(pictures.size());
  const int zoom = o.zoom > 0 ? o.zoom : data::pictures::zoomFor(model.height, model.width, 128);
  data::pictures::writePng(o.out, data::pictures::contactSheet(pictures, {.columns = columns, .zoom = zoom, .gap = 4}));
}

void write(const Options& o, const inference::SampleSet& samples) {
  if (std::filesystem::path(o.out).extension() == ".png") return writeSheet(o, samples);
  data::writers::convertDataset(*inference::sourceOf(samples), o.out,
                                {.dtype = o.dtype, .chunk = 0, .overwrite = o.force});
}

void checkOut(const Options& o) {
  const auto ending = std::filesystem::path(o.out).extension();
  for (const char* known : {".png", ".h5", ".hdf5", ".npz", ".safetensors"}) {
    if (ending == known) {
      if (!o.force && std::filesystem::exists(o.out))
        throw Error(ErrorKind::Usage, std::filesystem::path(o.out), "there is a file of this name already",
                    "choose another name, or --force to replace it");
      return;
    }
  }
  throw Error(ErrorKind::Usage, std::filesystem::path(o.out),
              "'" + ending.string() + "' is no ending of a format that is written",
              "end the name in .png, .h5, .npz or .safetensors");
}

int sample(Options o) {
  checkOut(o);
  if (o.ema && o.noEma) throw Error(ErrorKind::Usage, "--ema and --no-ema contradict each other", "give one of them");
  takeSettings(o);
  if (o.noEma) o.open.weights = inference::WeightChoice::Last;
  const auto model = inference::networks::openModel(o.checkpoint, o.open);
  const auto& facts = model->facts();
  if (o.ema && !facts.averaged)
    throw Error(ErrorKind::Usage, facts.source, "this checkpoint has no averaged weights (EMA)",
                "leave --ema out, or train with ema.decay");
  auto request = o.request;
  spreadLabels(o, facts, request);
  catchStopSignals();
  const auto begin = std::chrono::steady_clock::now();
  std::optional<inference::SampleSet> samples;
  {
    ProgressLine progress;
    samples = model->sample(request, [&](const inference::SampleState& s) {
      const double pictures = static_cast<double>(s.first) +
                              static_cast<double>(s.count) * static_cast<double>(s.step) / static_cast<double>(s.steps);
      progress.show("sampling", pictures / static_cast<double>(request.count));
      return stopSignalsSeen() == 0;
    });
  }
  if (!samples) {
    std::fprintf(stderr, "dwb: interrupted; nothing was written\n");
    return kInterrupted;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  write(o, *samples);
  if (o.json) {
    printLine({{"out", o.out},
               {"pictures", request.count},
               {"steps", request.steps},
               {"step", facts.step},
               {"ema", facts.averaged},
               {"seconds", seconds}});
  } else {
    std::printf("%s: %s of step %lld%s in %s\n", o.out.c_str(), countText(request.count, "picture").c_str(),
                static_cast<long long>(facts.step), facts.averaged ? " (EMA)" : "", secondsText(seconds).c_str());
  }
  return kDone;
}

}  // namespace

std::function<int()> declareSample(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  auto& r = o->request;
  parser
      .add_option("--checkpoint", o->checkpoint,
                  "checkpoint folder, run folder (its newest checkpoint), or weight file (.safetensors, .pt)")
      ->required();
  parser.add_option("--out", o->out, "what to write: .png (a grid), .h5, .npz or .safetensors")->required();
  parser.add_flag("--ema", o->ema, "the averaged weights, and nothing else (default: them where there are any)");
  parser.add_flag("--no-ema", o->noEma, "the weights of the last update");
  parser.add_option("--count", r.count, "pictures; with --label: of each label")->capture_default_str();
  parser.add_option("--sampler", o->sampler, config::inOneLine(config::keysOf<config::SamplerKind>()))
      ->capture_default_str();
  parser.add_option("--steps", r.steps, "calls of the model")->capture_default_str();
  parser.add_option("--spacing", o->spacing, config::inOneLine(config::keysOf<config::Spacing>()))
      ->capture_default_str();
  parser.add_option("--eta", r.eta, "ddim: share of fresh noise, 0 to 1")->capture_default_str();
  parser.add_flag("--karras", r.karras, "euler, dpmpp2m: sigmas spaced as EDM does");
  parser.add_option("--clip", r.clip, "keep x0-hat within this distance of 0; 0 = free")->capture_default_str();
  parser.add_option("--guidance", r.guidance, "weight of classifier-free guidance; 1 = none")->capture_default_str();
  parser.add_option("--label", o->labels, "class, by number or name, or all (repeatable)")->allow_extra_args(false);
  parser.add_option("--seed", r.seed, "picture k of a seed begins from the same noise, whatever else is changed")
      ->capture_default_str();
  parser.add_option("--first", r.first, "number of the first picture")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  parser.add_option("--batch", r.batch, "pictures at once")->capture_default_str();
  parser.add_option("--threads", r.threads, "processor cores (default: all)");
  parser.add_option("--device", o->device, config::inOneLine(config::keysOf<config::Device>()))->capture_default_str();
  parser
      .add_option("--set", o->set,
                  "weight files do not tell schedule and target: --set schedule.kind=..., --set diffusion.target=v")
      ->allow_extra_args(false);
  parser.add_option("--height", o->open.height, "of a sample, for weight files")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  parser.add_option("--width", o->open.width, "of a sample, for weight files")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  parser.add_option("--columns", o->columns, "of the grid (default: about a square, or a row for each label)")
      ->check(CLI::Range(1, 1000));
  parser.add_option("--zoom", o->zoom, "pixels of the PNG for each of a sample")->check(CLI::Range(1, 64));
  parser.add_flag("--channels", o->channels, "PNG: every channel beside each picture");
  parser.add_option("--dtype", o->dtype, "f16 or f32, for .h5, .npz and .safetensors (default: f32)");
  parser.add_flag("--force", o->force, "replace a file that is there");
  parser.add_flag("--json", o->json, "print the result as one JSON object");
  return [o] { return sample(*o); };
}

}  // namespace dw::cli
