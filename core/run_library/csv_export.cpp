// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "config/field_text.h"
#include "run_folder/metrics_file.h"
#include "run_library/metrics_export.h"
#include "run_library/output_file.h"

namespace dw::run_library {
namespace {

constexpr const char* kHead =
    "step,loss,lr,grad_norm,step_ms,data_ms,forward_ms,backward_ms,optimizer_ms,rest_ms,samples_seen,active_s\n";

template <typename... Values>
std::string row(const Values&... values) {
  std::string text;
  ((text += config::toText(values) + ','), ...);
  text.back() = '\n';
  return text;
}

}  // namespace

bool exportCsv(const std::filesystem::path& run, const std::filesystem::path& csv,
               const ShouldContinue& shouldContinue) {
  constexpr std::size_t kAskEvery = 4096;
  const auto steps = run_folder::readMetrics(run / "metrics.bin");
  OutputFile out(csv);
  out.write(kHead);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (shouldContinue && i % kAskEvery == 0 &&
        !shouldContinue(static_cast<double>(i) / static_cast<double>(steps.size())))
      return false;
    const auto& s = steps[i];
    out.write(row(s.step, s.loss, s.lr, s.gradNorm, s.stepMs, s.dataMs, s.forwardMs, s.backwardMs, s.optimizerMs,
                  s.restMs, s.samplesSeen, s.activeS));
  }
  out.finish();
  return true;
}

}  // namespace dw::run_library
