// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/recipe.h"
#include "data/latent_source.h"
#include "diffusion/predictor.h"

namespace dw::trainer::xudit {

/// The number of threads with which a forward and a backward pass of a batch take the least time. On noise: nothing is learnt from it,
/// but gradients are left behind. Sets LibTorch's number while it measures.
int measureThreads(const diffusion::Predictor& predict, const config::Recipe& recipe, const data::SourceInfo& data);

}  // namespace dw::trainer::xudit
