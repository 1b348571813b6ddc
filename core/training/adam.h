// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "training/optimizer.h"
#include "training/rate_groups.h"

namespace dw::training {

/// Where weight decay acts: added to the gradient (L2, classic Adam) or straight on the parameter (AdamW).
enum class Decay { IntoGradient, Decoupled };

struct AdamSettings {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;  ///< added outside the root: m / (sqrt(v) + eps)
  Decay decay = Decay::IntoGradient;
};

/// Adam (Kingma, Ba, 2015, algorithm 1) and AdamW (Loshchilov, Hutter, 2019), with bias correction.
class Adam final : public Optimizer {
 public:
  Adam(const AdamSettings& settings, const NamedTensors& parameters)
      : Adam(settings, parameters, rateGroups(parameters, false)) {}
  Adam(const AdamSettings& settings, const NamedTensors& parameters, std::vector<RateGroup> groups);
  void step(const std::vector<at::Tensor>& gradients, const UpdateSettings& update) override;
  NamedTensors state() const override;

 private:
  /// The lists that one fused call takes, one entry per parameter that has a gradient.
  struct Lists {
    std::vector<at::Tensor> parameters, gradients, mean, square, steps;
  };
  Lists select(const std::vector<at::Tensor>& gradients, const RateGroup& group) const;

  AdamSettings settings_;
  std::vector<RateGroup> groups_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> mean_;    ///< first moment, exp_avg
  std::vector<at::Tensor> square_;  ///< second moment, exp_avg_sq
  at::Tensor step_;                 ///< updates done, float32 0-dim as ATen wants it (exact up to 2^24)
};

}  // namespace dw::training
