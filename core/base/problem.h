// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace dw {

enum class Severity { Note, Warning, Error };

/// One finding of a check of user input: shown at the field it names, with its remedy.
struct Problem {
  std::string field;  ///< dotted recipe key such as "model.dim", or a place in a dataset; may be empty
  Severity severity = Severity::Error;
  std::string sentence;  ///< what is wrong and why
  std::string remedy;    ///< what to do; "heads must divide dim: use 4"
  std::string fix;       ///< a value for the field that mends it (the Fix button sets it); empty if there is none
};

using Problems = std::vector<Problem>;

inline bool hasErrors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& p) { return p.severity == Severity::Error; });
}

/// Throws the first error of a check as the sentence under which a run or a try is refused (Error Usage).
void refuseIfWrong(const Problems& problems);

}  // namespace dw
