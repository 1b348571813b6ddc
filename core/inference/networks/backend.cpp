// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/backend.h"

#include <torch/torch.h>

#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/spacing.h"
#include "inference/networks/checkpoint_model.h"
#include "inference/networks/taesd_decoder.h"

namespace dw::inference::networks {

Backend backend() {
  Backend all{.open = openModel,
              .describe = [](const std::filesystem::path& checkpoint) { return describeCheckpoint(checkpoint); },
              .openDecoder = openLatentDecoder,
              .samplers = {},
              .spacings = diffusion::spacingNames()};
  for (const auto& kind : diffusion::samplerKinds()) {
    all.samplers.push_back(
        {.name = std::string(kind.name), .eta = kind.usesEta, .karras = kind.usesKarras, .leading = kind.spaced});
  }
  return all;
}

}  // namespace dw::inference::networks
