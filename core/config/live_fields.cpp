// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/live_fields.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/text_format.h"
#include "config/field_text.h"

namespace dw::config {
namespace {

constexpr double kMany = 1e15;  // counts: still an exact double

template <auto member>
double get(const LiveSettings& s) {
  return static_cast<double>(s.*member);
}

template <auto member>
void set(LiveSettings& s, double value) {
  using Value = std::remove_reference_t<decltype(s.*member)>;
  s.*member = static_cast<Value>(value);
}

template <auto member>
LiveFieldInfo info(LiveField field, const char* key, const char* recipeKey, const char* words, double min, double max) {
  constexpr bool kWhole = std::is_integral_v<std::remove_reference_t<decltype(LiveSettings{}.*member)>>;
  return {field, key, recipeKey, words, min, max, kWhole, get<member>, set<member>};
}

}  // namespace

const std::vector<LiveFieldInfo>& liveFields() {
  using S = LiveSettings;
  using F = LiveField;
  static const std::vector<LiveFieldInfo> fields{
      info<&S::lr>(F::LearningRate, "learning_rate", "optim.lr", "the learning rate", 1e-12, 10.0),
      info<&S::clipNorm>(F::ClipNorm, "clip_norm", "optim.clip_norm", "the clip norm", 0.0, 1e9),
      info<&S::weightDecay>(F::WeightDecay, "weight_decay", "optim.weight_decay", "the weight decay", 0.0, 1.0),
      info<&S::emaDecay>(F::EmaDecay, "ema_decay", "ema.decay", "the EMA decay", 0.0, 0.999999999),
      info<&S::totalSteps>(F::TotalSteps, "total_steps", "train.steps", "the total of steps", 1.0, kMany),
      info<&S::sampleEvery>(F::SampleEvery, "sample_every", "sample.every", "the sample period", 0.0, kMany),
  };
  return fields;
}

const LiveFieldInfo& infoOf(LiveField field) { return liveFields().at(static_cast<std::size_t>(field)); }

std::optional<LiveField> liveFieldOf(std::string_view key) {
  for (const auto& info : liveFields()) {
    if (info.key == key) return info.field;
  }
  return std::nullopt;
}

Problems validateLive(LiveField field, double value, std::int64_t step) {
  const auto& info = infoOf(field);
  const auto refused = [&](const std::string& why, double nearest) {
    return Problems{{.field = info.key,
                     .sentence = std::string(info.words) + why,
                     .remedy = "use " + toText(nearest),
                     .fix = toText(nearest)}};
  };
  if (!std::isfinite(value))
    return {{.field = info.key,
             .sentence = std::string(info.words) + " must be a number",
             .remedy = "type a number",
             .fix = {}}};
  const auto text = toText(value);
  if (info.whole && value != std::floor(value))
    return refused(" is " + text + ", but it counts whole updates", std::max(info.min, std::round(value)));
  if (field == LiveField::LearningRate && value <= 0.0) {
    return {{.field = info.key,
             .sentence = "the learning rate is " + text + ", but it must be above 0",
             .remedy = "use 0.0001; to stand still, pause",
             .fix = "0.0001"}};
  }
  if (value < info.min) return refused(" is " + text + ", below the least, " + toText(info.min), info.min);
  if (value > info.max) return refused(" is " + text + ", above the most, " + toText(info.max), info.max);
  if (field == LiveField::TotalSteps && value < static_cast<double>(step)) {
    return refused(" is " + text + ", but " + countText(step, "update is", "updates are") + " done already",
                   static_cast<double>(step));
  }
  return {};
}

}  // namespace dw::config
