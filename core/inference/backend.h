// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "inference/latent_decoder.h"
#include "inference/model.h"

namespace dw::inference {

/// A sampler as forms show it.
struct SamplerChoice {
  config::SamplerKind kind = config::SamplerKind::Ddim;
  bool eta = false;     ///< takes eta
  bool karras = false;  ///< takes Karras' spacing
  bool leading = true;  ///< may be spaced leading
};

/// What computes for those who may not link LibTorch (the window): put in by the program (networks/backend.h), tests bring
/// their own. Empty functions: this build cannot predict or sample.
struct Backend {
  ModelOpener open{};
  /// What can be known of a checkpoint without reading its weights.
  std::function<ModelFacts(const std::filesystem::path& checkpoint)> describe{};
  std::function<std::shared_ptr<const LatentDecoder>(const std::filesystem::path& file)> openDecoder{};
  std::vector<SamplerChoice> samplers{};
};

}  // namespace dw::inference
