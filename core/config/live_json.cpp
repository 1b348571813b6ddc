// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/live_json.h"

#include <cmath>

#include "base/error.h"
#include "config/live_fields.h"

namespace dw::config {
namespace {

using nlohmann::json;

constexpr std::int64_t kMost = std::int64_t{1} << 53;  ///< of a count: sums of two stay in range, and a double holds it

const json* find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

void take(const json& object, const char* key, std::int64_t& value) {
  const auto* found = find(object, key);
  if (found != nullptr && found->is_number_integer() && *found >= 0 && *found <= kMost)
    value = found->get<std::int64_t>();
}

void take(const json& object, const char* key, double& value) {
  const auto* found = find(object, key);
  if (found != nullptr && found->is_number() && std::isfinite(found->get<double>())) value = found->get<double>();
}

}  // namespace

json toJson(const LrCurve& s) {
  return {{"kind", keyOf(s.kind)},
          {"from", s.from},
          {"warmup", s.warmup},
          {"start", s.start},
          {"end", s.end},
          {"power", s.power},
          {"cycles", s.cycles},
          {"rising_share", s.risingShare},
          {"start_divisor", s.startDivisor},
          {"final_divisor", s.finalDivisor}};
}

LrCurve lrCurveFromJson(const json& source, const LrCurve& base) {
  LrCurve s = base;
  if (const auto* kind = find(source, "kind"); kind != nullptr && kind->is_string()) {
    const auto known = fromKey<LrKind>(kind->get<std::string>());
    if (!known) {
      const auto problem = unknownChoice({}, "learning-rate schedule", kind->get<std::string>(), keysOf<LrKind>());
      throw Error(ErrorKind::BadData, problem.sentence, problem.remedy);
    }
    s.kind = *known;
  }
  take(source, "from", s.from);
  take(source, "warmup", s.warmup);
  take(source, "start", s.start);
  take(source, "end", s.end);
  take(source, "power", s.power);
  take(source, "cycles", s.cycles);
  take(source, "rising_share", s.risingShare);
  take(source, "start_divisor", s.startDivisor);
  take(source, "final_divisor", s.finalDivisor);
  return s;
}

json toJson(const LiveSettings& settings) {
  json out;
  for (const auto& info : liveFields()) {
    const double value = info.get(settings);
    out[info.key] = info.whole ? json(static_cast<std::int64_t>(value)) : json(value);
  }
  out["shape"] = toJson(settings.shape);
  out["skipped"] = settings.skipped;
  return out;
}

LiveSettings liveSettingsFromJson(const json& source, const LiveSettings& base) {
  LiveSettings settings = base;
  for (const auto& info : liveFields()) {
    const auto* found = find(source, info.key);
    if (found != nullptr && found->is_number() && validateLive(info.field, found->get<double>(), 0).empty())
      info.set(settings, found->get<double>());
  }
  if (const auto* shape = find(source, "shape")) settings.shape = lrCurveFromJson(*shape, base.shape);
  take(source, "skipped", settings.skipped);
  return settings;
}

}  // namespace dw::config
