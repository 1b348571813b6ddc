// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inference/backend.h"

namespace dw::inference::networks {

/// All of this room, for those who may not link it.
Backend backend();

}  // namespace dw::inference::networks
