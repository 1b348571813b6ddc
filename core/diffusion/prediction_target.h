// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include "config/choices.h"

namespace dw::diffusion {

using config::Target;

/// How much of x_0 and of eps is in x. Any positive scale is allowed: (1, sigma) is EDM's, (1 - time, time) the straight
/// path's, signal^2 + noise^2 = 1 that of DDPM.
struct Level {
  double signal = 1.0;
  double noise = 0.0;
};

/// Factor from x to what a model of that target is given: unit variance, for flow a point of the straight path.
double inputFactor(Target target, const Level& level);

/// One pair of numbers (of x_0 and of eps) says all: x = signal x_0 + noise eps and output = a x_0 + b eps are two equations.
struct Pair {
  at::Tensor x0, eps;
};

/// Both parts of x told by a model's output. Of an eps model at a signal of 0 nothing can be told: NaN.
Pair partsOf(Target target, const at::Tensor& x, const at::Tensor& output, const Level& level);

/// What a model of that target should answer.
at::Tensor targetOf(Target target, const Pair& parts, const Level& level);

/// A prediction of one kind as that of another, both about the same x.
at::Tensor convert(Target from, Target to, const at::Tensor& x, const at::Tensor& output, const Level& level);

}  // namespace dw::diffusion
