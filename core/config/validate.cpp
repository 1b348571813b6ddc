// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text_format.h"
#include "config/field_text.h"
#include "config/recipe_fields.h"

namespace dw::config {
namespace {

std::string kindInWords(const Field& field) {
  switch (field.kind) {
    case FieldKind::Integer: return "a whole number";
    case FieldKind::Number: return "a number";
    case FieldKind::Flag: return "true or false";
    case FieldKind::IntegerList: return "whole numbers separated by commas";
    case FieldKind::Choice:
    case FieldKind::Text: break;
  }
  return "a text";
}

Problem noneOf(const Field& field, const std::string& text) {
  std::vector<std::string> keys;
  for (const auto& choice : field.choices) keys.emplace_back(choice.key);
  const auto nearest = nearestName(text, keys);
  return {field.key, Severity::Error, "'" + text + "' is none of: " + inOneLine(keys), "did you mean " + nearest + "?",
          nearest};
}

/// Range of one field, as its table row states it.
void checkField(const Field& field, const Recipe& recipe, Problems& out) {
  const auto text = field.get(recipe);
  if (field.kind != FieldKind::Integer && field.kind != FieldKind::Number) return;
  double value = std::numeric_limits<double>::quiet_NaN();
  fromText(text, value);
  if (value >= field.min && value <= field.max) return;  // NaN fails both
  const double nearest = std::isnan(value) ? field.min : std::clamp(value, field.min, field.max);
  const bool whole = field.kind == FieldKind::Integer;
  const auto inWords = [&](double limit) {
    return !whole      ? toText(limit)
           : limit < 0 ? toText(static_cast<std::int64_t>(limit))
                       : toText(static_cast<std::uint64_t>(limit));
  };
  const auto limit = inWords(nearest);
  out.push_back(
      {field.key, Severity::Error,
       field.label + " is " + text + ", but must be between " + inWords(field.min) + " and " + inWords(field.max),
       "use " + limit, limit});
}

void checkCrop(const Recipe& recipe, Problems& out) {
  std::int64_t number = 0;
  const auto& crop = recipe.data.crop;
  if (crop == "first" || crop == "random" || (fromText(crop, number) && number >= 0)) return;
  out.push_back(
      {"data.crop", Severity::Error, "'" + crop + "' is no crop", "use first, random, or a number from 0", "first"});
}

/// Letters only: whether they fit the file is known when it is opened.
void checkAxes(const Recipe& recipe, Problems& out) {
  const auto& axes = recipe.data.axes;
  const bool known = axes.find_first_not_of("BTCHW") == std::string::npos && axes.size() <= 5;
  if (axes.empty() || (known && axes.find('B') != std::string::npos)) return;
  out.push_back(
      {"data.axes", Severity::Error, "'" + axes + "' does not say what the axes of the data are",
       "write one letter for each axis, B samples, T crops, C channels, H height, W width; or nothing, to guess", ""});
}

void checkRates(const Recipe& recipe, Problems& out) {
  if (recipe.schedule.betaMin > recipe.schedule.betaMax) {
    out.push_back({"schedule.beta_min", Severity::Error,
                   "beta min is larger than beta max: noise would shrink over time",
                   "use a value up to " + toText(recipe.schedule.betaMax), toText(recipe.schedule.betaMax)});
  }
  if (recipe.optim.lrSchedule != LrKind::Constant && recipe.optim.warmup >= recipe.train.steps) {
    const auto tenth = toText(recipe.train.steps / 10);
    out.push_back({"optim.warmup", Severity::Warning,
                   "the warm-up lasts as long as the whole run, so the rate never reaches its peak",
                   "use about a tenth of the steps: " + tenth, tenth});
  }
}

/// Measured: a Xeon with AMX and AVX512-BF16 takes 1.5 (tiny) to 6 times (quick) as long as with float32.
void checkPrecision(const TrainSettings& train, Problems& out) {
  if (train.precision != Precision::BFloat16 || train.device != Device::Cpu) return;
  out.push_back({"train.precision", Severity::Warning,
                 "processors train slower with bfloat16 than with float32, even those that have instructions for it",
                 "use float32, or a GPU", toText(Precision::Float32)});
}

/// Targets that a loss weight or a schedule does not go with.
void checkDiffusion(const Recipe& recipe, Problems& out) {
  const auto& d = recipe.diffusion;
  if (d.target == Target::Eps && endsAtPureNoise(recipe.schedule.kind)) {
    out.push_back({"diffusion.target", Severity::Error,
                   "the schedule '" + toText(recipe.schedule.kind) +
                       "' ends at pure noise, where predicting the noise teaches nothing",
                   "use v, or a schedule that keeps a little of the picture", toText(Target::V)});
  }
  if (d.target == Target::Flow && d.lossWeight != LossWeight::None) {
    out.push_back(
        {"diffusion.loss_weight", Severity::Error,
         "the loss weight " + toText(d.lossWeight) + " is made for noise schedules; the straight path of flow has none",
         "use none; the choice of timesteps logit_normal does for flow what it does there", toText(LossWeight::None)});
  } else if (d.lossWeight == LossWeight::Debiased && d.target != Target::Eps) {
    out.push_back({"diffusion.loss_weight", Severity::Error,
                   "the loss weight debiased is made for the target eps, not for " + toText(d.target),
                   "use min_snr or none", toText(LossWeight::MinSnr)});
  }
}

/// All targets but x0 hold noise, and noise needs as many numbers as it has to come out of the model again. Patches of 2 are
/// not spoken of: nobody chose them, and the lecture's recipe (16 numbers, 16 wide) has them.
void checkRoomForNoise(const Recipe& recipe, const DatasetShape& shape, Problems& out) {
  const auto patch = std::clamp<std::int64_t>(recipe.model.patchSize, 0, 1024);  // absurd ones are named elsewhere
  const auto numbers = patch * patch * shape.channels;
  if (patch <= 2 || recipe.diffusion.target == Target::X0 || numbers < recipe.model.dim) return;
  out.push_back({"diffusion.target", Severity::Warning,
                 "a patch has " + countText(numbers, "number") + " and the model is " + toText(recipe.model.dim) +
                     " wide: too narrow to let the noise through, so pictures stay noisy",
                 "predict x0 (the picture itself), or use smaller patches or a wider model", toText(Target::X0)});
}

}  // namespace

Problems setField(Recipe& recipe, std::string_view key, const std::string& text) {
  const auto* field = findField(key);
  if (field == nullptr) {
    std::vector<std::string> keys;
    for (const auto& known : recipeFields()) keys.push_back(known.key);
    const auto nearest = nearestName(key, keys);
    return {{std::string(key), Severity::Error, "there is no recipe field '" + std::string(key) + "'",
             "did you mean " + nearest + "?", nearest}};
  }
  if (!field->set(recipe, text)) {
    if (field->kind == FieldKind::Choice) return {noneOf(*field, text)};
    return {{field->key, Severity::Error,
             "'" + text + "' is not " + kindInWords(*field) + ", as " + field->label + " needs",
             "for example " + field->get(recipe), field->get(recipe)}};
  }
  Problems out;
  checkField(*field, recipe, out);
  return out;
}

Problems validate(const Recipe& recipe) {
  Problems out;
  for (const auto& field : recipeFields()) checkField(field, recipe, out);
  // A width of 0 would divide by zero below; its own range problem is enough.
  if (!hasErrors(out)) {
    auto model = recipe.model;
    if (model.inputDim == 0) model.inputDim = 1;  // taken from the dataset later
    const auto problems = validate(model);
    out.insert(out.end(), problems.begin(), problems.end());
  }
  checkCrop(recipe, out);
  checkAxes(recipe, out);
  checkRates(recipe, out);
  checkDiffusion(recipe, out);
  checkPrecision(recipe.train, out);
  return out;
}

Problems validateAgainst(const Recipe& recipe, const DatasetShape& shape) {
  Problems out;
  const auto& m = recipe.model;
  if (shape.samples == 0)
    out.push_back({"data", Severity::Error, "the dataset has no samples", "choose another file", ""});
  if (m.inputDim != 0 && m.inputDim != shape.channels) {
    out.push_back(
        {"model.input_dim", Severity::Error,
         "the model expects " + countText(m.inputDim, "channel") + ", the data have " + toText(shape.channels),
         "use 0, which takes what the data have", "0"});
  }
  if (m.patchSize > 0 && (shape.height % m.patchSize != 0 || shape.width % m.patchSize != 0)) {
    // Small enough to try them all: this check runs while a user types, whatever number that is.
    std::int64_t fit = std::min<std::int64_t>(m.patchSize, 256);
    while (fit > 1 && (shape.height % fit != 0 || shape.width % fit != 0)) --fit;
    out.push_back({"model.patch_size", Severity::Error,
                   "samples of " + toText(shape.height) + " x " + toText(shape.width) +
                       " cannot be cut into patches of " + toText(m.patchSize) + " x " + toText(m.patchSize) +
                       " without a rest",
                   "use a patch size that divides both: " + toText(fit), toText(fit)});
  }
  checkRoomForNoise(recipe, shape, out);
  if (recipe.train.batch > shape.samples && shape.samples > 0) {
    out.push_back({"train.batch", Severity::Error,
                   "a batch of " + toText(recipe.train.batch) + " is more than the " +
                       countText(shape.samples, "sample there is", "samples there are"),
                   "use at most " + toText(shape.samples), toText(shape.samples)});
  }
  std::int64_t crop = 0;
  if (fromText(recipe.data.crop, crop) && crop >= shape.crops) {
    out.push_back(
        {"data.crop", Severity::Error,
         "crop " + toText(crop) + " does not exist: the data have " + toText(shape.crops) + " (counted from 0)",
         "use first", "first"});
  }
  if (m.classCond == 0 && m.ctxDim > 0 && m.ctxDim != shape.contextDim) {
    out.push_back({"model.ctx_dim", Severity::Error,
                   shape.contextDim == 0 ? std::string("the model asks for context vectors, but the data have none")
                                         : "the model expects context vectors of " + countText(m.ctxDim, "number") +
                                               ", those of the data have " + toText(shape.contextDim),
                   shape.contextDim == 0 ? "use 0, or a file with an array 'context' beside the latents"
                                         : "use " + toText(shape.contextDim),
                   toText(shape.contextDim)});
  }
  if (m.classCond > 0 && shape.classes == 0) {
    out.push_back({"model.class_cond", Severity::Error, "the model asks for class labels, but the data have none",
                   "use 0 (no classes), or a labelled dataset", "0"});
  } else if (m.classCond > 0 && shape.classes > m.classCond) {
    out.push_back(
        {"model.class_cond", Severity::Error,
         "the data have " + countText(shape.classes, "class", "classes") + ", the model only " + toText(m.classCond),
         "use " + toText(shape.classes), toText(shape.classes)});
  }
  return out;
}

}  // namespace dw::config
