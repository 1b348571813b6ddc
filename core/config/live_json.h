// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "config/live_settings.h"

namespace dw::config {

/// {"learning_rate":0.0003,...,"shape":{"kind":"cosine",...},"skipped":0}; numbers read back to the same bits.
nlohmann::json toJson(const LiveSettings& settings);
nlohmann::json toJson(const LrCurve& shape);

/// What toJson wrote; what is missing, of the wrong kind or out of its range stays as in `base`. Throws Error BadData for a
/// curve that this version does not know.
LiveSettings liveSettingsFromJson(const nlohmann::json& json, const LiveSettings& base);
LrCurve lrCurveFromJson(const nlohmann::json& json, const LrCurve& base);

}  // namespace dw::config
