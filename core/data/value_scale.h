// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "config/recipe.h"
#include "data/channel_statistics.h"

namespace dw::data {

/// How stored numbers become the model's and back: y = (x - mean[c]) * factor[c] for channel c. A run keeps it, because
/// samples that the model makes must be brought back by the same figures.
struct ValueScale {
  std::vector<double> mean;    ///< one per channel; empty: all 0
  std::vector<double> factor;  ///< one per channel, none 0; empty: all 1
  bool operator==(const ValueScale&) const = default;

  /// values: [B, C, H, W] with H * W = plane; in place.
  void apply(std::span<float> values, std::size_t channels, std::size_t plane) const;
  /// The way back, of what a sampler made.
  void undo(std::span<float> values, std::size_t channels, std::size_t plane) const;
};

/// The scale that a recipe asks for. A channel that is the same everywhere is only shifted: it has no deviation to divide by.
ValueScale valueScale(const config::DataSettings& settings, const ChannelStatistics& statistics);

/// {"mean": [...], "factor": [...]}, as recipe.json and state.json keep it.
nlohmann::json toJson(const ValueScale& scale);
/// Reads what toJson wrote. Throws Error BadData if it does not fit the channels, or is not finite or 0.
ValueScale valueScaleFrom(const nlohmann::json& json, std::int64_t channels);

}  // namespace dw::data
