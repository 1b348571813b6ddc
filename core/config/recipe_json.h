// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
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

/// Throws Error BadData if "format" of the object is not a whole number up to `known`; what: "this recipe". Absent is good.
void refuseNewerFormat(const nlohmann::json& object, int known, const std::filesystem::path& file,
                       const std::string& what);

/// One line of JSON. Texts may hold bytes that are not UTF-8 (paths, names inside files): they are replaced, not an error.
std::string toLine(const nlohmann::json& json);

/// Parses JSON text; Error BadData with the byte position instead of nlohmann's exception, and for absurd nesting.
nlohmann::json parseJson(std::string_view text, const std::filesystem::path& source);

}  // namespace dw::config
