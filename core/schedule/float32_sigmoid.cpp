// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with -ffp-contract=off: each rounding below is one that PyTorch makes.
#include "schedule/float32_sigmoid.h"

#include <array>
#include <cmath>

namespace dw::schedule {
namespace {

constexpr float kEnd = 6.0F;

/// Evenly spaced from -6 to 6, counted from the nearer end, one rounding each (torch.linspace).
float spacedFloat(std::int64_t t, std::int64_t count) {
  if (count < 2) return -kEnd;
  const float step = 2.0F * kEnd / static_cast<float>(count - 1);
  if (t < count / 2) return std::fma(step, static_cast<float>(t), -kEnd);
  return std::fma(-step, static_cast<float>(count - 1 - t), kEnd);
}

/// e^x with an error below one unit in the last place: x = q ln 2 + r, a polynomial in r, times 2^q. The constants are
/// those of SLEEF's expf (Shibata, Petrogalli, 2020), which PyTorch's vectorised exp is; the C library's rounds otherwise.
float exponential(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693145751953125F;
  constexpr float kLn2Low = 1.42860677e-06F;
  constexpr std::array kCoefficients{0.000198527618F, 0.00139304355F, 0.00833336078F,
                                     0.0416664854F,   0.166666672F,   0.5F};
  const float q = std::nearbyint(x * kLog2E);
  const float r = std::fma(q, -kLn2Low, std::fma(q, -kLn2High, x));
  float sum = 0.0F;
  for (const float coefficient : kCoefficients) sum = std::fma(sum, r, coefficient);
  return std::ldexp(1.0F + std::fma(r * r, sum, r), static_cast<int>(q));
}

}  // namespace

float float32SigmoidRamp(std::int64_t t, std::int64_t count) {
  return 1.0F / (1.0F + exponential(-spacedFloat(t, count)));
}

}  // namespace dw::schedule
