// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <string>

#include "golden/golden_case.h"

namespace dw::golden {

/// rel_max = max|a - b| / max|b|, b the golden tensor, both in float64. Where b is all zero: 0 if a is too, else
/// infinity. Infinity also for another shape, a NaN, or an undefined tensor.
double relMax(const torch::Tensor& ours, const torch::Tensor& golden);

/// Collects comparisons of one case and keeps the one with the largest worst / tolerance. A tensor passes at
/// rel_max <= tolerance.
class Comparison {
 public:
  explicit Comparison(std::string caseName);

  /// Compares ours with golden; label names the tensor in Outcome::detail.
  void check(const std::string& label, const torch::Tensor& ours, const torch::Tensor& golden, double tolerance);
  /// ours must be exactly zero (an undefined gradient counts as zero).
  void checkZero(const std::string& label, const torch::Tensor& ours);
  /// As check() for a figure that is already a ratio to its limit or another measure.
  void checkValue(const std::string& label, double error, double tolerance);
  /// Something that cannot be measured: the case fails with this sentence.
  void fail(const std::string& sentence);
  /// How many tensors were compared so far.
  int count() const { return count_; }

  /// A case in which nothing was compared does not pass.
  Outcome outcome() const;

 private:
  Outcome outcome_;
  double worstRatio_ = -1.0;
  int count_ = 0;
};

}  // namespace dw::golden
