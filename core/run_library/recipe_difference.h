// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/recipe.h"

namespace dw::run_library {

/// One recipe field in which two runs differ; values as texts, as `--set` takes them.
struct FieldDifference {
  std::string key;  ///< "optim.lr"
  std::string a, b;
  bool operator==(const FieldDifference&) const = default;
};

/// Every field in which the recipes differ, in the order of the form. The recipe's name is no field.
std::vector<FieldDifference> differenceOf(const config::Recipe& a, const config::Recipe& b);

/// "only optim.lr differs: 0.001 or 0.0003", "optim.lr and train.steps differ", "5 settings differ: ...".
std::string sentenceOf(const std::vector<FieldDifference>& difference);

}  // namespace dw::run_library
