// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/latent_source.h"

namespace dw::data {

/// Samples that the program made itself, as a dataset: what converts and shows datasets takes them too.
struct PlainSamples {
  std::int64_t channels = 0, height = 0, width = 0;
  std::vector<float> values;            ///< [B, C, H, W]
  std::vector<std::int64_t> labels;     ///< [B], or empty
  std::vector<std::string> classNames;  ///< of the labels, or empty
};

/// Throws Error Internal if the sizes do not fit each other.
std::shared_ptr<const LatentSource> makePlainSource(PlainSamples samples);

}  // namespace dw::data
