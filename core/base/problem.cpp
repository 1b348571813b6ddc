// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/problem.h"

#include "base/error.h"

namespace dw {

void refuseIfWrong(const Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.severity != Severity::Error) continue;
    throw Error(ErrorKind::Usage, (problem.field.empty() ? "" : problem.field + ": ") + problem.sentence,
                problem.remedy);
  }
}

}  // namespace dw
