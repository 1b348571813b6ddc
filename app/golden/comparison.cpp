// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/comparison.h"

#include <cmath>
#include <limits>
#include <utility>

namespace dw::golden {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

double relMax(const torch::Tensor& ours, const torch::Tensor& golden) {
  if (!ours.defined() || ours.sizes() != golden.sizes()) return kInfinity;
  if (golden.numel() == 0) return 0.0;
  const auto a = ours.detach().to(torch::kCPU, torch::kFloat64);
  const auto b = golden.detach().to(torch::kCPU, torch::kFloat64);
  const double difference = (a - b).abs().max().item<double>();
  const double scale = b.abs().max().item<double>();
  if (std::isnan(difference) || std::isnan(scale)) return kInfinity;
  if (scale == 0.0) return difference == 0.0 ? 0.0 : kInfinity;
  return difference / scale;
}

Comparison::Comparison(std::string caseName) {
  outcome_.name = std::move(caseName);
  outcome_.pass = true;
}

void Comparison::check(const std::string& label, const torch::Tensor& ours, const torch::Tensor& golden,
                       double tolerance) {
  if (!ours.defined()) return fail(label + " was not computed");
  if (ours.sizes() != golden.sizes()) {
    return fail(c10::str(label, " has shape ", ours.sizes(), ", the golden one ", golden.sizes()));
  }
  checkValue(label, relMax(ours, golden), tolerance);
}

void Comparison::checkZero(const std::string& label, const torch::Tensor& ours) {
  const double largest = ours.defined() && ours.numel() > 0 ? ours.detach().abs().max().item<double>() : 0.0;
  checkValue(label + " (must be zero)", largest == 0.0 ? 0.0 : kInfinity, 0.0);
}

void Comparison::checkValue(const std::string& label, double error, double tolerance) {
  ++count_;
  const bool fits = error <= tolerance;  // false for NaN
  outcome_.pass = outcome_.pass && fits;
  double ratio = kInfinity;
  if (fits) ratio = tolerance > 0.0 ? error / tolerance : 0.0;
  if (!fits && tolerance > 0.0 && std::isfinite(error)) ratio = error / tolerance;
  if (ratio <= worstRatio_) return;
  worstRatio_ = ratio;
  outcome_.worst = error;
  outcome_.tolerance = tolerance;
  outcome_.detail = label;
}

void Comparison::fail(const std::string& sentence) {
  ++count_;
  outcome_.pass = false;
  if (worstRatio_ == kInfinity) return;  // the first sentence stays
  outcome_.detail = sentence;
  outcome_.worst = kInfinity;
  worstRatio_ = kInfinity;
}

Outcome Comparison::outcome() const {
  auto result = outcome_;
  if (count_ == 0) {
    result.pass = false;
    result.detail = "nothing was compared";
  }
  return result;
}

}  // namespace dw::golden
