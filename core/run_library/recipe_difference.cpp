// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/recipe_difference.h"

#include "config/recipe_fields.h"

namespace dw::run_library {

std::vector<FieldDifference> differenceOf(const config::Recipe& a, const config::Recipe& b) {
  std::vector<FieldDifference> all;
  for (const auto& field : config::recipeFields()) {
    auto left = field.get(a), right = field.get(b);
    if (left != right) all.push_back({field.key, std::move(left), std::move(right)});
  }
  return all;
}

std::string sentenceOf(const std::vector<FieldDifference>& difference) {
  if (difference.empty()) return "the recipes are the same";
  if (difference.size() == 1)
    return "only " + difference[0].key + " differs: " + difference[0].a + " or " + difference[0].b;
  if (difference.size() == 2) return difference[0].key + " and " + difference[1].key + " differ";
  constexpr std::size_t kNamed = 6;
  std::string text = std::to_string(difference.size()) + " settings differ: ";
  for (std::size_t i = 0; i < difference.size() && i < kNamed; ++i) text += (i == 0 ? "" : ", ") + difference[i].key;
  return difference.size() > kNamed ? text + ", ..." : text;
}

}  // namespace dw::run_library
