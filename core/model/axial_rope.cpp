// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/axial_rope.h"

#include <cmath>
#include <numbers>

namespace dw::model {

AxialRope::AxialRope(std::int64_t heads, std::int64_t headSize)
    : freqs_(register_parameter("freqs", torch::full({heads, headSize / 4, 2}, std::log(std::numbers::pi)))) {}

}  // namespace dw::model
