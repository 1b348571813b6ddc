// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

namespace dw::model {

struct InitRule {
  enum class Kind { Uniform, Normal, Constant } kind = Kind::Constant;
  double value = 0.0;  ///< bound of U(-bound, bound), standard deviation of N(0, std), or the constant
};

/// How a parameter of XUDiT starts (core/model/README.md, section 3). fanIn: inputs of its layer (columns of a matrix, C * p * p
/// of the patch embedding), also for the bias.
InitRule initRule(const std::string& name, std::int64_t fanIn);

/// Draws all parameters of a model anew by initRule, in the order of named_parameters(), so that one generator state gives
/// one model; none = torch's default generator.
void initialise(torch::nn::Module& model, std::optional<at::Generator> generator = std::nullopt);

}  // namespace dw::model
