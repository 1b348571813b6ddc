// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "inference/latent_decoder.h"

namespace dw::inference::networks {

/// Opens a TAESD decoder: safetensors with the tensors of github.com/madebyollin/taesd ("1.weight" to "19.bias") or of
/// diffusers' AutoencoderTiny ("decoder.layers.0.weight" to "decoder.layers.18.bias"). Throws Error BadData naming what is
/// missing or has another shape.
std::shared_ptr<const LatentDecoder> openLatentDecoder(const std::filesystem::path& path);

}  // namespace dw::inference::networks
