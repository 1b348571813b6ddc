// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/backend.h"

#include <torch/torch.h>

#include "diffusion/samplers/sampler.h"
#include "inference/networks/checkpoint_model.h"
#include "inference/networks/taesd_decoder.h"

namespace dw::inference::networks {

Backend backend() {
  Backend all{.open = openModel,
              .describe = [](const std::filesystem::path& checkpoint) { return describeCheckpoint(checkpoint); },
              .openDecoder = openLatentDecoder,
              .samplers = {}};
  for (const auto& choice : config::choices<config::SamplerKind>()) {
    const auto facts = diffusion::samplerFacts(choice.value);
    all.samplers.push_back(
        {.kind = choice.value, .eta = facts.usesEta, .karras = facts.usesKarras, .leading = facts.spaced});
  }
  return all;
}

}  // namespace dw::inference::networks
