// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "golden/golden_case.h"

namespace dw::golden {

/// optim/*: optimizers from explicit gradients, EMA, learning-rate curves, loss weights.
Outcome runOptim(const Case& golden, TensorSink* computed);

}  // namespace dw::golden
