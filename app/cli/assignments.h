// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/recipe.h"

namespace dw::cli {

/// One field of a recipe from text. Throws Error Usage naming the key.
void setOrThrow(config::Recipe& recipe, const std::string& key, const std::string& value);

/// Every `--set key=value`, in order. example: what a remedy shows, "optim.lr=0.001". Throws Error Usage.
void applySet(config::Recipe& recipe, const std::vector<std::string>& assignments, const char* example);

}  // namespace dw::cli
