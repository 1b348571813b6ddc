// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/model_settings.h"
#include "weights/weight_file.h"

namespace dw::weights {

/// What the shapes of a model's weights tell about its settings, and what they do not.
struct InferredSettings {
  config::ModelSettings model;
  /// dotted keys that it does not tell, e.g. "model.ctx_size": their values are the asked ones
  std::vector<std::string> untold;
};

/// Reads the settings out of names and shapes (core/model/README.md, section 2), and what those do not tell out of the metadata that our own
/// exports have; what neither tells is as `asked`. Tensors that are missing or odd do not stop it: comparing the
/// file with the model that comes out names them. Throws Error BadData if what fixes width, patches or heads is missing.
InferredSettings inferSettings(const WeightFile& file, const config::ModelSettings& asked = {});

}  // namespace dw::weights
