// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/choices.h"

#include "base/error.h"
#include "config/recipe_fields.h"

namespace dw::config {

std::string inOneLine(const std::vector<std::string>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text;
}

Problem unknownChoice(std::string_view field, std::string_view what, std::string_view given,
                      const std::vector<std::string>& keys) {
  const auto nearest = nearestName(given, keys);
  return {.field = std::string(field),
          .severity = Severity::Error,
          .sentence = "there is no " + std::string(what) + " called '" + std::string(given) + "'",
          .remedy = "did you mean " + nearest + "?",
          .fix = nearest};
}

void throwUnknownChoice(std::string_view what, std::string_view given, const std::vector<std::string>& keys) {
  const auto problem = unknownChoice({}, what, given, keys);
  throw Error(ErrorKind::Usage, problem.sentence, problem.remedy);
}

void throwNoSuchChoice() { throw Error(ErrorKind::Internal, "a setting has a value that is none of its choices"); }

}  // namespace dw::config
