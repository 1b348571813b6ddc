// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace dw::formats {

/// 16-bit floats of a file -> float32, by the widest instructions of this processor. in: 2 * count bytes, aligned anyhow;
/// swap: big-endian. NaN stays NaN (a signalling one becomes quiet), subnormals are kept.
void widenHalf(const std::byte* in, bool swap, float* out, std::size_t count);
void widenBFloat16(const std::byte* in, bool swap, float* out, std::size_t count);

}  // namespace dw::formats
