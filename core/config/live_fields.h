// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "config/live_settings.h"

namespace dw::config {

/// A number that may change while a run trains.
enum class LiveField : std::uint8_t { LearningRate, ClipNorm, WeightDecay, EmaDecay, TotalSteps, SampleEvery };

struct LiveFieldInfo {
  LiveField field;
  const char* key;        ///< in log.jsonl: "learning_rate"
  const char* recipeKey;  ///< the frozen field that it begins as ("optim.lr"), or empty
  const char* words;      ///< in sentences: "the learning rate"
  double min, max;
  bool whole;  ///< whole numbers only
  double (*get)(const LiveSettings&);
  void (*set)(LiveSettings&, double);
};

/// All of them, in menu order. A new one is one line in live_fields.cpp, one in the enum, and a member of LiveSettings.
const std::vector<LiveFieldInfo>& liveFields();
const LiveFieldInfo& infoOf(LiveField field);
std::optional<LiveField> liveFieldOf(std::string_view key);

/// Why this value may not be set after `step` updates; empty: it may. NaN and infinities are refused, totals below the
/// present step too.
Problems validateLive(LiveField field, double value, std::int64_t step);

}  // namespace dw::config
