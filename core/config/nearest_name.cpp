// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <numeric>

#include "config/recipe_fields.h"

namespace dw::config {
namespace {

/// Levenshtein distance: fewest single-letter edits from a to b.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearestName(std::string_view word, const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  const auto lastPart = [](std::string_view key) { return key.substr(key.rfind('.') + 1); };
  // A right name in the wrong section ("train.lr" for "optim.lr") is nearer than any other spelling.
  const auto cost = [&](const std::string& candidate) {
    const auto whole = 2 * editDistance(word, candidate);
    return lastPart(word) == lastPart(candidate) ? std::min<std::size_t>(whole, 1) : whole;
  };
  return *std::min_element(candidates.begin(), candidates.end(),
                           [&](const auto& a, const auto& b) { return cost(a) < cost(b); });
}

}  // namespace dw::config
