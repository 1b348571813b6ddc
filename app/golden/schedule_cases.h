// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "golden/golden_case.h"

namespace dw::golden {

/// schedule/*: every table, x_t and velocity of a noise schedule, and the pairs of flow matching.
Outcome runSchedule(const Case& golden, TensorSink* computed);

}  // namespace dw::golden
