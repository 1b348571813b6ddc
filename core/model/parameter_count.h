// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "config/model_settings.h"

namespace dw::model {

/// Number of trained parameters of a XUDiT with these settings, without building it. Buffers do not count.
std::int64_t parameterCount(const config::ModelSettings& settings);

}  // namespace dw::model
