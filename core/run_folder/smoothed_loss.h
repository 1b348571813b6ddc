// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace dw::run_folder {

/// Exponential moving average of the training loss, free of bias from its start: what "the best checkpoint" goes by until
/// there is a validation loss. Its state travels in state.json, so that resumed and branched runs go on with it.
class SmoothedLoss {
 public:
  void add(double loss) noexcept {
    if (!std::isfinite(loss)) return;
    sum_ = kDecay * sum_ + (1.0 - kDecay) * loss;
    weight_ = kDecay * weight_ + (1.0 - kDecay);
  }
  std::optional<double> value() const noexcept { return weight_ > 0.0 ? std::optional(sum_ / weight_) : std::nullopt; }

  /// {"smoothed_loss": value, "loss_average": {"sum": .., "weight": ..}}; empty before the first loss.
  nlohmann::json toJson() const {
    if (weight_ <= 0.0) return nlohmann::json::object();
    return {{"smoothed_loss", *value()}, {"loss_average", {{"sum", sum_}, {"weight", weight_}}}};
  }
  /// From state.json; one without it, or with nonsense in it, starts anew.
  static SmoothedLoss fromJson(const nlohmann::json& state) {
    SmoothedLoss loss;
    const auto average = state.is_object() ? state.value("loss_average", nlohmann::json()) : nlohmann::json();
    if (!average.is_object()) return loss;
    const auto sum = average.value("sum", nlohmann::json());
    const auto weight = average.value("weight", nlohmann::json());
    if (!sum.is_number() || !weight.is_number() || weight.get<double>() <= 0.0 || weight.get<double>() > 1.0)
      return loss;
    loss.sum_ = sum.get<double>();
    loss.weight_ = weight.get<double>();
    return loss;
  }

 private:
  static constexpr double kDecay = 0.995;  ///< sees some 200 updates
  double sum_ = 0.0;
  double weight_ = 0.0;
};

}  // namespace dw::run_folder
