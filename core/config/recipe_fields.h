// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/recipe.h"

namespace dw::config {

/// A choice without its type: see Choice.
struct FieldChoice {
  std::string_view key, label, why;
};

enum class FieldKind { Integer, Number, Flag, Choice, Text, IntegerList };

/// One field of a recipe as forms, `--set a.b=v` and JSON see it: the only place that knows its key, limits and reason.
/// Adding a field to a recipe is one member in recipe.h and one line in recipe_fields.cpp.
struct Field {
  std::string key;    ///< dotted, e.g. "optim.lr"
  std::string label;  ///< short English name, e.g. "learning rate"
  FieldKind kind = FieldKind::Text;
  std::string unit;                  ///< "updates", "samples", ...; may be empty
  double min = 0.0, max = 0.0;       ///< inclusive limits of numbers
  std::vector<FieldChoice> choices;  ///< of a Choice
  std::string why;  ///< one or two sentences for a student: what it does, what happens when it is too large or small
  std::function<std::string(const Recipe&)> get;              ///< value as text, in the form that set() reads
  std::function<bool(Recipe&, const std::string& text)> set;  ///< false: the text is no value of this kind
};

/// All fields, in the order in which a form shows them.
const std::vector<Field>& recipeFields();
const Field* findField(std::string_view key);

/// Sets one field from text, as --set does. A problem names the nearest key, or the kind and range that is expected.
Problems setField(Recipe& recipe, std::string_view key, const std::string& text);

/// The candidate nearest to a mistyped word (edit distance), for "did you mean".
std::string nearestName(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace dw::config
