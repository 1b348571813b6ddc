// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "golden/golden_case.h"

namespace dw::golden {

/// Each runs one case of its section (float64 first, then float32) and compares every tensor it lists. computed may be
/// null; else it receives what was computed. Faults of the case itself throw Error.
Outcome runXudit(const Case& golden, TensorSink* computed);
Outcome runModule(const Case& golden, TensorSink* computed);
Outcome runInit(const Case& golden, TensorSink* computed);

}  // namespace dw::golden
