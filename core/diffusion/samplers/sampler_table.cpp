// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/text_format.h"
#include "config/field_text.h"
#include "config/recipe_fields.h"
#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/spacing.h"

namespace dw::diffusion {
namespace {

constexpr std::array kKinds{
    SamplerKind{.name = "ddim", .make = makeDdim, .usesEta = true},
    SamplerKind{.name = "ddpm", .make = makeDdpm},
    SamplerKind{.name = "dpmpp2m", .make = makeDpmSolver, .usesKarras = true, .spare = 1},
    SamplerKind{.name = "euler", .make = makeEuler, .usesKarras = true},
    SamplerKind{.name = "unipc", .make = makeUnipc, .spare = 1},
    SamplerKind{.name = "flow", .make = makeFlowEuler, .usesShift = true, .spaced = false},
};

Problem unknown(const char* field, const char* what, const std::string& given, const std::vector<std::string>& names) {
  const auto nearest = config::nearestName(given, names);
  return {.field = field,
          .severity = Severity::Error,
          .sentence = std::string("there is no ") + what + " called '" + given + "'",
          .remedy = "did you mean " + nearest + "?",
          .fix = nearest};
}

Problem outside(const char* field, const std::string& sentence, const std::string& fix) {
  return {.field = field, .severity = Severity::Error, .sentence = sentence, .remedy = "use " + fix, .fix = fix};
}

void checkSteps(Problems& out, const SamplerSettings& s, const SamplerKind& kind, std::int64_t trainSteps) {
  const std::int64_t most = kind.spaced ? std::max<std::int64_t>(trainSteps - kind.spare, 1) : 100'000;
  if (s.steps >= 1 && s.steps <= most) return;
  const auto fix = config::toText(std::clamp<std::int64_t>(s.steps, 1, most));
  out.push_back(outside("steps", "sampling in " + countText(s.steps, "step") + " is not possible: the model was trained on " +
                                     config::toText(trainSteps) + " noise levels, and " + std::string(kind.name) +
                                     " visits between 1 and " + config::toText(most) + " of them", fix));
}

void checkNumbers(Problems& out, const SamplerSettings& s, const schedule::NoiseSchedule& schedule) {
  if (!(s.eta >= 0.0 && s.eta <= 1.0)) out.push_back(outside("eta", "eta is a share of fresh noise, between 0 and 1", "0"));
  if (!(s.shift > 0.0 && s.shift <= 1000.0)) out.push_back(outside("shift", "shift must be above 0, at most 1000", "1"));
  if (s.order != 1 && s.order != 2) out.push_back(outside("order", "the solver is of order 1 or 2", "2"));
  if (s.target == Target::Eps && schedule::endsAtPureNoise(schedule)) {
    out.push_back({.field = "target",
                   .severity = Severity::Error,
                   .sentence = "the schedule ends at pure noise, where a model that predicts the noise says nothing about the picture",
                   .remedy = "use a model trained with the v target, or another schedule",
                   .fix = {}});
  }
}

}  // namespace

std::span<const SamplerKind> samplerKinds() { return kKinds; }

const SamplerKind* findSamplerKind(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &SamplerKind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

Problems validate(const SamplerSettings& s, const schedule::NoiseSchedule& schedule) {
  Problems out;
  const SamplerKind* kind = findSamplerKind(s.kind);
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const auto& known : kKinds) names.emplace_back(known.name);
    return {unknown("sampler", "sampler", s.kind, names)};
  }
  const auto spacings = spacingNames();
  if (std::ranges::find(spacings, s.spacing) == spacings.end()) {
    out.push_back(unknown("spacing", "spacing of timesteps", s.spacing, spacings));
  } else if (!kind->spaced && s.spacing == "leading") {
    out.push_back(outside("spacing", "the straight path has to begin at noise, so it has no leading spacing", "trailing"));
  }
  if (s.karras && !kind->usesKarras) {
    out.push_back(outside("karras", "Karras' spacing is for the samplers euler and dpmpp2m", "no Karras spacing"));
  }
  checkSteps(out, s, *kind, schedule.steps());
  checkNumbers(out, s, schedule);
  return out;
}

std::unique_ptr<Sampler> makeSampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  const Problems problems = validate(settings, schedule);
  if (!problems.empty()) throw Error(ErrorKind::Usage, problems.front().sentence, problems.front().remedy);
  return findSamplerKind(settings.kind)->make(settings, schedule);
}

}  // namespace dw::diffusion
