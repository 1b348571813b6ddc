// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/text_format.h"
#include "config/field_text.h"
#include "diffusion/samplers/sampler.h"

namespace dw::diffusion {

// One for each file of a sampler in this folder.
std::unique_ptr<Sampler> makeDdim(const SamplerSettings&, const schedule::NoiseSchedule&);
std::unique_ptr<Sampler> makeDdpm(const SamplerSettings&, const schedule::NoiseSchedule&);
std::unique_ptr<Sampler> makeDpmSolver(const SamplerSettings&, const schedule::NoiseSchedule&);
std::unique_ptr<Sampler> makeEuler(const SamplerSettings&, const schedule::NoiseSchedule&);
std::unique_ptr<Sampler> makeFlowEuler(const SamplerSettings&, const schedule::NoiseSchedule&);
std::unique_ptr<Sampler> makeUnipc(const SamplerSettings&, const schedule::NoiseSchedule&);

SamplerFacts samplerFacts(config::SamplerKind kind) {
  using Kind = config::SamplerKind;
  switch (kind) {
    case Kind::Ddim: return {.make = makeDdim, .usesEta = true};
    case Kind::Ddpm: return {.make = makeDdpm};
    case Kind::DpmSolver: return {.make = makeDpmSolver, .usesKarras = true, .spare = 1};
    case Kind::Euler: return {.make = makeEuler, .usesKarras = true};
    case Kind::Unipc: return {.make = makeUnipc, .spare = 1};
    case Kind::Flow: return {.make = makeFlowEuler, .usesShift = true, .spaced = false};
  }
  config::throwNoSuchChoice();
}

namespace {

Problem outside(const char* field, const std::string& sentence, const std::string& fix) {
  return {.field = field, .severity = Severity::Error, .sentence = sentence, .remedy = "use " + fix, .fix = fix};
}

/// "dpmpp2m and euler".
std::string samplersWithKarras() {
  std::string text;
  for (const auto& choice : config::choices<config::SamplerKind>()) {
    if (samplerFacts(choice.value).usesKarras) text += (text.empty() ? "" : " and ") + std::string(choice.key);
  }
  return text;
}

void checkSteps(Problems& out, const SamplerSettings& s, const SamplerFacts& facts, std::int64_t trainSteps) {
  const std::int64_t most = facts.spaced ? std::max<std::int64_t>(trainSteps - facts.spare, 1) : 100'000;
  if (s.steps >= 1 && s.steps <= most) return;
  const auto fix = config::toText(std::clamp<std::int64_t>(s.steps, 1, most));
  out.push_back(outside("steps",
                        "sampling in " + countText(s.steps, "step") + " is not possible: the model was trained on " +
                            config::toText(trainSteps) + " noise levels, and " + config::toText(s.kind) +
                            " visits between 1 and " + config::toText(most) + " of them",
                        fix));
}

void checkNumbers(Problems& out, const SamplerSettings& s, const schedule::NoiseSchedule& schedule) {
  if (!(s.eta >= 0.0 && s.eta <= 1.0))
    out.push_back(outside("eta", "eta is a share of fresh noise, between 0 and 1", "0"));
  if (!(s.shift > 0.0 && s.shift <= 1000.0))
    out.push_back(outside("shift", "shift must be above 0, at most 1000", "1"));
  if (s.order != 1 && s.order != 2) out.push_back(outside("order", "the solver is of order 1 or 2", "2"));
  if (s.target == Target::Eps && schedule::endsAtPureNoise(schedule)) {
    out.push_back(
        {.field = "target",
         .severity = Severity::Error,
         .sentence =
             "the schedule ends at pure noise, where a model that predicts the noise says nothing about the picture",
         .remedy = "use a model trained with the v target, or another schedule",
         .fix = {}});
  }
}

}  // namespace

Problems validate(const SamplerSettings& s, const schedule::NoiseSchedule& schedule) {
  Problems out;
  const auto facts = samplerFacts(s.kind);
  if (!facts.spaced && s.spacing == Spacing::Leading) {
    out.push_back(
        outside("spacing", "the straight path has to begin at noise, so it has no leading spacing", "trailing"));
  }
  if (s.karras && !facts.usesKarras) {
    out.push_back(
        outside("karras", "Karras' spacing is for the samplers " + samplersWithKarras(), "no Karras spacing"));
  }
  checkSteps(out, s, facts, schedule.steps());
  checkNumbers(out, s, schedule);
  return out;
}

std::unique_ptr<Sampler> makeSampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  const Problems problems = validate(settings, schedule);
  if (!problems.empty()) throw Error(ErrorKind::Usage, problems.front().sentence, problems.front().remedy);
  return samplerFacts(settings.kind).make(settings, schedule);
}

}  // namespace dw::diffusion
