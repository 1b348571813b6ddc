// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace dw::schedule {

/// Value t of logistic(linspace(-6, 6, count)) exactly as PyTorch rounds it in float32. The released "sigmoid" schedules
/// were built in float32, so models trained with them saw these numbers; the exact logistic function differs from them
/// in the eighth digit, which the product over all steps makes visible. 0 <= t < count.
float float32SigmoidRamp(std::int64_t t, std::int64_t count);

}  // namespace dw::schedule
