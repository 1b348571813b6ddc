// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/recipe_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "config/field_text.h"

namespace dw::config {
namespace {

constexpr double kMany = 1e15;  // "no limit" for counts: still an exact double

/// Builds Fields whose get and set reach a member of one part of the recipe.
template <typename Part>
class Section {
 public:
  Section(std::vector<Field>& out, std::string prefix, Part Recipe::*part)
      : out_(out), prefix_(std::move(prefix)), part_(part) {}

  template <typename Value>
  Field& add(const char* key, const char* label, FieldKind kind, Value Part::*member, const char* why) {
    const auto part = part_;
    out_.push_back(
        {.key = prefix_ + key,
         .label = label,
         .kind = kind,
         .unit = {},
         .choices = {},
         .why = why,
         .get = [part, member](const Recipe& r) { return toText(r.*part.*member); },
         .set = [part, member](Recipe& r, const std::string& text) { return fromText(text, r.*part.*member); }});
    return out_.back();
  }

  template <typename Value>
  void number(const char* key, const char* label, Value Part::*member, double min, double max, const char* unit,
              const char* why) {
    auto& field = add(key, label, std::is_integral_v<Value> ? FieldKind::Integer : FieldKind::Number, member, why);
    field.min = min;
    field.max = max;
    field.unit = unit;
  }
  void flag(const char* key, const char* label, bool Part::*member, const char* why) {
    add(key, label, FieldKind::Flag, member, why);
  }
  template <Choosable Kind>
  void choice(const char* key, const char* label, Kind Part::*member, const char* why) {
    auto& field = add(key, label, FieldKind::Choice, member, why);
    for (const auto& one : choices<Kind>()) field.choices.push_back({one.key, one.label, one.why});
  }

 private:
  std::vector<Field>& out_;
  std::string prefix_;
  Part Recipe::*part_;
};

void addData(std::vector<Field>& out) {
  Section<DataSettings> s(out, "data.", &Recipe::data);
  s.number(
      "scale", "data scale", &DataSettings::scale, 1e-6, 1e6, "factor",
      "Stored latents are multiplied by this. Diffusion expects a standard deviation near 1: with less, the picture "
      "drowns in noise early; with more, the last step still shows it.");
  s.flag(
      "standardize", "standardize channels", &DataSettings::standardize,
      "Each channel is shifted and scaled to mean 0 and standard deviation 1 over the whole dataset, before the data "
      "scale. The figures are kept with the run and undone when it samples.");
  s.add("crop", "crop", FieldKind::Text, &DataSettings::crop,
        "Which entry of the T axis a sample is: first, random (another one at each draw), or a number from 0.");
  s.choice("order", "order of samples", &DataSettings::order,
           "random draws each batch anew from all samples; epoch shows every sample once before any comes again.");
  s.flag("flip", "mirror at random", &DataSettings::flip,
         "Half of the samples are mirrored left to right: more variety, where left and right mean nothing.");
  s.flag(
      "holdout", "hold some back", &DataSettings::holdout,
      "2 % of the samples are never trained on, so that there are unseen ones to test with; none of fewer than 500.");
  s.flag("skip_not_finite", "skip broken samples", &DataSettings::skipNotFinite,
         "Samples that hold NaN or infinity are left out. Off: such data is refused, with count and first place.");
  s.flag(
      "preload", "read into memory", &DataSettings::preload,
      "All samples are read into memory before the first step, but only the crop that is trained on, and only if that "
      "takes at most a quarter of the free memory. Otherwise, or switched off, batches are read from the file.");
  s.add(
      "axes", "axes", FieldKind::Text, &DataSettings::axes,
      "What each axis of the file is: B samples, T crops, C channels, H height, W width, for example BHWC. Empty guesses "
      "from the lengths.");
  s.add("dataset", "dataset name", FieldKind::Text, &DataSettings::dataset,
        "Name of the dataset inside the file; empty takes the only one that fits.");
}

void addTrain(std::vector<Field>& out) {
  Section<TrainSettings> s(out, "train.", &Recipe::train);
  s.number("batch", "batch", &TrainSettings::batch, 1, 1e6, "samples",
           "Samples per step. More give a steadier gradient but take longer and need more memory.");
  s.number("steps", "steps", &TrainSettings::steps, 1, kMany, "updates",
           "How many times the weights are updated in all.");
  s.number("seed", "seed", &TrainSettings::seed, 0, 1.8e19, "",
           "Start of all randomness: the same seed repeats the same run number by number.");
  s.number("accumulation", "accumulation", &TrainSettings::accumulation, 1, 1e4, "micro-batches",
           "Batches whose gradients are averaged before one update: a large batch in little memory.");
  s.number("threads", "threads", &TrainSettings::threads, 0, 1024, "cores",
           "Processor cores that compute. 0 measures at the start which number is fastest.");
  s.choice("device", "device", &TrainSettings::device, "What computes: the processor or an NVIDIA GPU.");
  s.choice(
      "precision", "precision", &TrainSettings::precision,
      "Number format of matrix products. bfloat16 has 8 bits of precision instead of 24. On NVIDIA GPUs from Ampere (2020) on, "
      "models that keep the GPU busy train faster with it (hdm-small 4 times on an H200) and in less memory; small ones and "
      "processors are slower. Weights, sums and the optimizer stay float32.");
}

void addOptim(std::vector<Field>& out) {
  Section<OptimSettings> s(out, "optim.", &Recipe::optim);
  s.number("lr", "learning rate", &OptimSettings::lr, 1e-12, 10, "",
           "Size of each update. Too small: the loss hardly moves. Too large: it jumps or becomes NaN.");
  s.choice("kind", "optimizer", &OptimSettings::kind,
           "How gradients become updates. Adam scales each number by its own history; SGD does not.");
  s.choice("lr_schedule", "rate schedule", &OptimSettings::lrSchedule,
           "How the learning rate changes over the run. Falling towards the end gives a lower final loss.");
  s.number("warmup", "warm-up", &OptimSettings::warmup, 0, kMany, "updates",
           "The rate rises from 0 over this many updates, so that first wild gradients do little harm.");
  s.number("beta1", "beta 1", &OptimSettings::beta1, 0, 0.999999, "",
           "Memory of Adam's mean gradient; momentum of SGD.");
  s.number("beta2", "beta 2", &OptimSettings::beta2, 0, 0.9999999, "", "Memory of Adam's mean squared gradient.");
  s.number("eps", "epsilon", &OptimSettings::eps, 1e-16, 1, "", "Keeps Adam from dividing by zero.");
  s.number("weight_decay", "weight decay", &OptimSettings::weightDecay, 0, 1, "",
           "Pulls weights towards 0 at each update; with AdamW independent of the gradient.");
  s.number("clip_norm", "clip norm", &OptimSettings::clipNorm, 0, 1e9, "",
           "Gradients longer than this are shortened to it. 0 never clips.");
  s.flag(
      "fan_in_scaling", "scale rate by width", &OptimSettings::fanInScaling,
      "Each weight learns at the rate divided by the number of its inputs, so that a rate found on a narrow model suits a wide "
      "one. Give a rate some hundred times larger with it: 0.1 is a start.");
}

void addModel(std::vector<Field>& out) {
  Section<ModelSettings> s(out, "model.", &Recipe::model);
  s.number("dim", "model width", &ModelSettings::dim, 1, 65536, "numbers per token",
           "Numbers that describe one patch inside the model. Wider models learn more and cost more.");
  s.number("depth", "depth", &ModelSettings::depth, 1, 256, "levels", "Levels of encoder and decoder.");
  s.number("heads", "heads", &ModelSettings::heads, 1, 4096, "",
           "Attention heads; each looks for another kind of relation. Ignored when the head size is given.");
  s.number("dim_head", "head size", &ModelSettings::dimHead, 0, 65536, "numbers",
           "Numbers per head; 0 = width / heads. Heads times head size must be the width.");
  s.number("mlp_dim", "MLP width", &ModelSettings::mlpDim, 1, 1 << 20, "numbers", "Width inside the SwiGLU layers.");
  s.number("patch_size", "patch size", &ModelSettings::patchSize, 1, 256, "pixels",
           "Side of the squares the picture is cut into. Smaller patches are sharper but many more.");
  s.number("input_dim", "channels", &ModelSettings::inputDim, 0, 4096, "channels",
           "Channels of a sample; 0 takes what the dataset has.");
  s.add("enc_blocks", "encoder blocks", FieldKind::IntegerList, &ModelSettings::encBlocks,
        "Blocks of each encoder level: one number for all levels, or one per level (1,2,1).");
  s.add("dec_blocks", "decoder blocks", FieldKind::IntegerList, &ModelSettings::decBlocks,
        "Blocks of each decoder level: one number for all levels, or one per level.");
  s.flag("gradient_checkpointing", "gradient checkpointing", &ModelSettings::gradientCheckpointing,
         "Recompute blocks in the backward pass: much less memory for about a third more time.");
  s.flag("shared_adaln", "shared modulation", &ModelSettings::sharedAdaln,
         "All blocks share one network that turns the timestep into scale, shift and gate.");
  s.flag("use_dyt", "DyT", &ModelSettings::useDyt, "Dynamic tanh instead of RMS normalisation.");
  s.number("class_cond", "classes", &ModelSettings::classCond, 0, 1e6, "classes",
           "Number of class labels the model is told; 0 = none.");
  s.number("ctx_dim", "context width", &ModelSettings::ctxDim, 0, 65536, "numbers",
           "Width of a context row (text embeddings); 0 = no context.");
  s.number("ctx_size", "context rows", &ModelSettings::ctxSize, 1, 65536, "rows",
           "Rows of zeros that stand for no context.");
  s.flag("concat_ctx", "context joins tokens", &ModelSettings::concatCtx,
         "Context rows join the picture's tokens; off: blocks attend to them separately.");
  s.flag("dec_ctx", "context in decoder", &ModelSettings::decCtx,
         "Decoder blocks after the first also attend to the context.");
  s.flag("double_t", "second time", &ModelSettings::doubleT, "The model is given a second time r beside t.");
  s.number("addon_info_embs_dim", "extra information", &ModelSettings::addonInfoEmbsDim, 0, 65536, "numbers",
           "Numbers of extra information per sample (size, aspect); 0 = none.");
}

/// TREAD is present or not as a whole: a ratio of 0 removes it, any other value of a field creates it.
template <typename Value>
void addTreadField(std::vector<Field>& out, const char* key, const char* label, Value TreadSettings::*member,
                   double max, const char* why) {
  out.push_back({.key = std::string("model.tread.") + key,
                 .label = label,
                 .kind = std::is_integral_v<Value> ? FieldKind::Integer : FieldKind::Number,
                 .unit = {},
                 .min = 0,
                 .max = max,
                 .choices = {},
                 .why = why,
                 .get = [member](const Recipe& r) { return r.model.tread ? toText((*r.model.tread).*member) : "0"; },
                 .set =
                     [member](Recipe& r, const std::string& text) {
                       Value value{};
                       if (!fromText(text, value)) return false;
                       if (value == Value{} && !r.model.tread) return true;
                       if constexpr (!std::is_integral_v<Value>) {
                         if (value == Value{}) {
                           r.model.tread.reset();
                           return true;
                         }
                       }
                       if (!r.model.tread) r.model.tread.emplace();
                       (*r.model.tread).*member = value;
                       return true;
                     }});
}

void addTread(std::vector<Field>& out) {
  addTreadField(out, "dropout_ratio", "TREAD ratio", &TreadSettings::dropoutRatio, 0.99,
                "Share of the tokens that skip the middle of the model while training: faster steps. 0 = off.");
  addTreadField(out, "prev_trns_depth", "TREAD blocks before", &TreadSettings::prevTrnsDepth, 256,
                "Blocks that see every token before the others are dropped.");
  addTreadField(out, "post_trns_depth", "TREAD blocks after", &TreadSettings::postTrnsDepth, 256,
                "Blocks that see every token after the dropped ones return.");
}

void addDiffusion(std::vector<Field>& out) {
  Section<DiffusionSettings> s(out, "diffusion.", &Recipe::diffusion);
  s.choice(
      "target", "prediction target", &DiffusionSettings::target,
      "What the model predicts: the noise (eps), the picture (x0), a mixture of both (v), or the speed along the straight "
      "path from picture to noise (flow, which needs no noise schedule).");
  s.choice(
      "loss_weight", "loss weight", &DiffusionSettings::lossWeight,
      "How much a timestep counts. min_snr keeps the nearly clean ones from drowning the others; debiased gives the noisy "
      "ones more say.");
  s.number("gamma", "min-SNR gamma", &DiffusionSettings::gamma, 1e-3, 1e6, "",
           "min_snr: signal-to-noise ratios above this count no more than it. The paper takes 5.");
  s.choice(
      "timesteps", "choice of timesteps", &DiffusionSettings::timesteps,
      "Which timesteps are trained on: all alike; the middle ones more often; or those whose measured loss is large more "
      "often, each weighed by how rarely it comes, so that the mean stays the same.");
  s.number(
      "label_dropout", "label dropout", &DiffusionSettings::labelDropout, 0, 1, "share",
      "Share of samples whose class the model is not told. Guidance compares its answers with and without; 0 = no guidance.");
  s.number("context_dropout", "context dropout", &DiffusionSettings::contextDropout, 0, 1, "share",
           "Share of samples whose context is replaced by zeros. Guidance needs it; 0 = no guidance.");
}

void addSample(std::vector<Field>& out) {
  Section<SampleSettings> s(out, "sample.", &Recipe::sample);
  s.number(
      "every", "samples every", &SampleSettings::every, 0, kMany, "updates",
      "How often samples are drawn while training goes on, always from the same noise: one sees what the model learns. They "
      "lie in the folder samples of the run. 0 = never. May be changed while the run trains.");
  s.number("count", "pictures of a sample", &SampleSettings::count, 1, 64, "pictures",
           "How many are drawn each time; with classes, one class after the other.");
  s.number(
      "steps", "steps of a sample", &SampleSettings::steps, 1, 1000, "model calls",
      "How often the model is asked for each picture. More are finer but take longer; training goes on meanwhile.");
  s.flag("previews", "picture of checkpoints", &SampleSettings::previews,
         "Each checkpoint gets a small picture of what its weights draw, for the list of checkpoints.");
}

void addRest(std::vector<Field>& out) {
  Section<ScheduleSettings> schedule(out, "schedule.", &Recipe::schedule);
  schedule.choice("kind", "noise schedule", &ScheduleSettings::kind, "How fast noise takes over from t = 0 to T.");
  schedule.number("steps", "noise steps T", &ScheduleSettings::steps, 1, 1e6, "timesteps", "Number of noise levels.");
  schedule.number("beta_min", "beta min", &ScheduleSettings::betaMin, 1e-9, 0.999, "",
                  "Noise added at the first timestep.");
  schedule.number("beta_max", "beta max", &ScheduleSettings::betaMax, 1e-9, 0.999, "",
                  "Noise added at the last timestep.");
  schedule.add(
      "points", "curve points", FieldKind::Text, &ScheduleSettings::points,
      "Kind custom: how much of the picture's variance is left (alpha-bar) at shares of T, as share:value, share:value; "
      "the curve between them is smooth and only falls.");
  schedule.number(
      "shift", "shift", &ScheduleSettings::shift, 0.01, 1000, "",
      "Flow: above 1 more of the training and sampling happens near noise, as large pictures need; 1 = evenly.");
  Section<EmaSettings> ema(out, "ema.", &Recipe::ema);
  ema.number("decay", "EMA decay", &EmaSettings::decay, 0, 0.999999999, "",
             "A smoothed copy of the weights that usually samples better. Closer to 1 is smoother; 0 = none.");
  ema.number("inv_gamma", "EMA inverse gamma", &EmaSettings::invGamma, 1e-6, 1e6, "", "Speed of the EMA's warm-up.");
  ema.number("power", "EMA power", &EmaSettings::power, 1e-3, 10, "", "Shape of the EMA's warm-up.");
  Section<CheckpointSettings> checkpoint(out, "checkpoint.", &Recipe::checkpoint);
  checkpoint.number("every_minutes", "save every", &CheckpointSettings::everyMinutes, 0, 1e6, "minutes",
                    "Time between checkpoints; 0 = only at the end.");
  checkpoint.number("every", "save every", &CheckpointSettings::every, 0, kMany, "updates",
                    "Updates between checkpoints; 0 = by time only.");
  Section<ValidationSettings> validation(out, "validation.", &Recipe::validation);
  validation.number(
      "every", "validate every", &ValidationSettings::every, 0, kMany, "updates",
      "How often the loss is measured on the samples that are held back (data.holdout), each always with the same "
      "timestep and noise: the curve is smooth, and rises when the model learns by heart. 0 = never.");
  validation.number(
      "samples", "validation samples", &ValidationSettings::samples, 1, 1e6, "samples",
      "How many are asked each time, spread evenly over the timesteps. More tell finer differences but take longer.");
  checkpoint.number("keep", "checkpoints kept", &CheckpointSettings::keep, 1, 1e6, "newest", "Older ones are deleted.");
}

}  // namespace

const std::vector<Field>& recipeFields() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> all;
    addData(all);
    addTrain(all);
    addOptim(all);
    addModel(all);
    addTread(all);
    addDiffusion(all);
    addRest(all);
    addSample(all);
    return all;
  }();
  return fields;
}

const Field* findField(std::string_view key) {
  const auto& fields = recipeFields();
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace dw::config
