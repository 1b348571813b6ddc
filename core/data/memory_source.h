// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "data/latent_source.h"

namespace dw::data {

/// The whole source in memory, in the number type it is stored in (float64 as float32): for slow disks and many epochs.
/// progress: told the share that is done now and then; false gives up (Error Cancelled). Throws Error OutOfMemory if the
/// machine has not that much to spare, and what reading throws. Later changes of the file are not seen.
std::shared_ptr<const LatentSource> preloaded(std::shared_ptr<const LatentSource> source,
                                              const std::function<bool(double fraction)>& progress = {});

}  // namespace dw::data
