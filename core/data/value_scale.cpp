// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/value_scale.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace dw::data {
namespace {

double at(const std::vector<double>& values, std::size_t channel, double otherwise) {
  return values.empty() ? otherwise : values[channel];
}

/// In float64, rounded once.
void perChannel(std::span<float> values, std::size_t channels, std::size_t plane, const auto& change) {
  for (std::size_t begin = 0, i = 0; begin + plane <= values.size() && plane > 0; begin += plane, ++i) {
    for (auto& value : values.subspan(begin, plane))
      value = static_cast<float>(change(static_cast<double>(value), i % channels));
  }
}

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorKind::BadData, std::string("the scale of the channels that the run keeps ") + why,
              "recipe.json or state.json may be damaged: start from an older checkpoint");
}

std::vector<double> numbersIn(const nlohmann::json& json, const char* name, std::int64_t channels) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_array()) refuse("is incomplete");
  if (!found->empty() && found->size() != static_cast<std::size_t>(channels))
    refuse("is for another number of channels");
  if (std::any_of(found->begin(), found->end(),
                  [](const auto& v) { return !v.is_number() || !std::isfinite(v.template get<double>()); }))
    refuse("holds something that is no number");
  return found->get<std::vector<double>>();
}

}  // namespace

void ValueScale::apply(std::span<float> values, std::size_t channels, std::size_t plane) const {
  if (mean.empty() && factor.empty()) return;
  perChannel(values, channels, plane,
             [&](double x, std::size_t c) { return (x - at(mean, c, 0.0)) * at(factor, c, 1.0); });
}

void ValueScale::undo(std::span<float> values, std::size_t channels, std::size_t plane) const {
  if (mean.empty() && factor.empty()) return;
  perChannel(values, channels, plane,
             [&](double y, std::size_t c) { return y / at(factor, c, 1.0) + at(mean, c, 0.0); });
}

ValueScale valueScale(const config::DataSettings& settings, const ChannelStatistics& statistics) {
  const auto channels = statistics.channels.size();
  ValueScale scale;
  if (settings.standardize) {
    for (const auto& c : statistics.channels) {
      scale.mean.push_back(c.mean);
      scale.factor.push_back(settings.scale / (c.std > 0.0 ? c.std : 1.0));
    }
  } else if (settings.scale != 1.0) {
    scale.factor.assign(channels, settings.scale);
  }
  return scale;
}

nlohmann::json toJson(const ValueScale& scale) { return {{"mean", scale.mean}, {"factor", scale.factor}}; }

ValueScale valueScaleFrom(const nlohmann::json& json, std::int64_t channels) {
  if (!json.is_object()) refuse("is missing");
  ValueScale scale{numbersIn(json, "mean", channels), numbersIn(json, "factor", channels)};
  if (std::find(scale.factor.begin(), scale.factor.end(), 0.0) != scale.factor.end()) refuse("has a factor of 0");
  return scale;
}

}  // namespace dw::data
