// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <exception>

#include "run/messages.h"

namespace dw::run {

/// Turns whatever was thrown while training or saving into what the user is told. step: updates done by then.
Failed describeFailure(const std::exception_ptr& thrown, std::int64_t step);

}  // namespace dw::run
