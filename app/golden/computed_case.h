// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/choices.h"
#include "golden/comparison.h"
#include "golden/golden_case.h"

namespace dw::golden {

/// What a case computed in one precision, by golden name without its "out." prefix.
using Computed = std::map<std::string, torch::Tensor>;

/// Compares EVERY golden output of the case with what `compute` makes of it: "out." in float64, then, where the case has
/// a float32 tolerance, "out32." (or "out." where there is no such) in float32. onlyDouble: outputs that are made in
/// float64 whatever the precision of training, such as schedule tables.
Outcome compareComputed(const Case& golden, const std::function<Computed(torch::ScalarType)>& compute,
                        const std::function<bool(const std::string& output)>& onlyDouble, TensorSink* sink);

/// The choice whose key, or old key, is the longest beginning of a case's name. Throws Error BadData if none is.
template <config::Choosable Kind>
Kind kindInName(const std::string& caseName) {
  std::string_view best;
  for (const auto& choice : config::choices<Kind>()) {
    for (const auto key : {choice.key, choice.oldKey}) {
      if (caseName.starts_with(key) && key.size() > best.size()) best = key;
    }
  }
  if (const auto found = config::fromKey<Kind>(best)) return *found;
  throw Error(ErrorKind::BadData, "this program has nothing that a case called " + caseName + " tests");
}

}  // namespace dw::golden
