// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "run/frozen_model.h"

namespace dw::run {

/// Reads model.safetensors or ema.safetensors of a checkpoint of a run. A ModelOpener. Throws Error: BadData, Usage if there
/// is no EMA.
std::shared_ptr<const FrozenModel> openFrozenModel(const std::filesystem::path& checkpoint, bool averaged);

}  // namespace dw::run
