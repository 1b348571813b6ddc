// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/assignments.h"

#include "base/error.h"
#include "config/recipe_fields.h"

namespace dw::cli {

void setOrThrow(config::Recipe& recipe, const std::string& key, const std::string& value) {
  const auto problems = config::setField(recipe, key, value);
  if (hasErrors(problems))
    throw Error(ErrorKind::Usage, key + ": " + problems.front().sentence, problems.front().remedy);
}

void applySet(config::Recipe& recipe, const std::vector<std::string>& assignments, const char* example) {
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos)
      throw Error(ErrorKind::Usage, "--set " + assignment + " has no '='", std::string("write it as --set ") + example);
    setOrThrow(recipe, assignment.substr(0, equals), assignment.substr(equals + 1));
  }
}

}  // namespace dw::cli
