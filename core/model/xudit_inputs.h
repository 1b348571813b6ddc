// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/xudit.h"

namespace dw::model {

/// Throws Error Usage, with the shape that came and the one that is needed, if an input does not fit the settings.
void checkInputs(const config::ModelSettings& settings, const torch::Tensor& x, const torch::Tensor& t,
                 const ForwardExtras& extras);

}  // namespace dw::model
