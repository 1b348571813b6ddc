// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "golden/golden_case.h"

namespace dw::golden {

/// Runs one trajectory with the case's closed-form model, start noise and step noise; compares every state of it.
Outcome runSamplerCase(const Case& golden, TensorSink* computed);

}  // namespace dw::golden
