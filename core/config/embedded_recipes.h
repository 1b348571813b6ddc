// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace dw::config {

struct EmbeddedText {
  std::string_view file;  ///< its name without the folder
  std::string_view text;
};

/// The files of resources/recipes, embedded by the build (packaging/cmake/DwbEmbed.cmake).
std::span<const EmbeddedText> embeddedRecipes();

}  // namespace dw::config
