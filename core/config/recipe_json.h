// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "config/recipe.h"

namespace dw::config {

/// {"format":1,"name":..,"model":{"dim":..},...}: nested objects whose dotted paths are the field keys.
nlohmann::json toJson(const Recipe& recipe);

/// Reads what toJson writes; missing fields keep the defaults of `base`. Throws Error BadData for an unknown key (naming
/// the nearest), a wrong type, or a newer format.
Recipe recipeFromJson(const nlohmann::json& json, const Recipe& base = {});

/// Model settings in the reference's own words (golden cases, weight files): null = none, ints or lists for blocks.
ModelSettings modelSettingsFromJson(const nlohmann::json& json);
nlohmann::json toJson(const ModelSettings& settings);

/// Parses JSON text; Error BadData with the byte position instead of nlohmann's exception.
nlohmann::json parseJson(std::string_view text, const std::filesystem::path& source);

}  // namespace dw::config
