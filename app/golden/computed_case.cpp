// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/computed_case.h"

#include "base/error.h"

namespace dw::golden {

Outcome compareComputed(const Case& golden, const std::function<Computed(torch::ScalarType)>& compute,
                        const std::function<bool(const std::string& output)>& onlyDouble, TensorSink* sink) {
  Comparison comparison(golden.fullName());
  const auto& tolerances = golden.manifest.at("tolerance");
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    const bool sharp = type == torch::kFloat64;
    const char* precision = sharp ? "float64" : "float32";
    if (!tolerances.contains(precision)) continue;
    const double tolerance = tolerances.at(precision).at("rel_max").get<double>();
    const Computed computed = compute(type);
    for (const auto& [name, expected] : golden.tensorsUnder("out.")) {
      if (!sharp && onlyDouble(name)) continue;
      const std::string label = (sharp ? "out." : "out32.") + name;
      const auto found = computed.find(name);
      const auto ours = found == computed.end() ? torch::Tensor() : found->second;
      comparison.check(label, ours, golden.has(label) ? golden.tensor(label) : expected, tolerance);
      if (sink != nullptr && ours.defined()) (*sink)[label] = ours.detach();
    }
  }
  return comparison.outcome();
}

}  // namespace dw::golden
