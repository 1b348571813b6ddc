// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "data/latent_source.h"

namespace dw::data {

/// All samples in memory, in the number type they are stored in (float64 as float32): for slow disks and many epochs.
/// crop: the only one that is kept, the others are still read from `source`; -1 keeps all (fixedCrop tells).
/// progress: told the share that is done now and then; false gives up (Error Cancelled). Throws Error OutOfMemory if the
/// machine has not that much to spare, and what reading throws. Later changes of what is kept are not seen.
std::shared_ptr<const LatentSource> preloaded(std::shared_ptr<const LatentSource> source, std::int64_t crop = -1,
                                              const std::function<bool(double fraction)>& progress = {});

/// Whether preloaded() leaves the rest enough: it takes at most a quarter of the memory that is free.
bool preloadFits(const SourceInfo& info, std::int64_t crop);

}  // namespace dw::data
