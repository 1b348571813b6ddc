// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/pictures/latent_preview.h"

namespace dw::inference {

/// A network that turns latents of Stable Diffusion into pictures eight times their size, from a file of the user's.
class LatentDecoder {
 public:
  virtual ~LatentDecoder() = default;
  /// Channels of a latent.
  virtual std::int64_t channels() const = 0;
  /// latents: [B, C, height, width] in the scale that the decoder was trained in (deviation near 1). Throws Error Usage if
  /// they do not fit. Computes in the calling thread alone.
  virtual std::vector<data::pictures::PreviewImage> decode(std::span<const float> latents, std::int64_t height,
                                                           std::int64_t width) const = 0;
};

}  // namespace dw::inference
