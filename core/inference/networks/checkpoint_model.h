// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "inference/model.h"

namespace dw::inference::networks {

/// Opens a checkpoint folder, a run folder (its newest good checkpoint), or a weight file (.safetensors, .pt). Throws Error.
/// A ModelOpener.
std::shared_ptr<const Model> openModel(const std::filesystem::path& path, const OpenOptions& options = {});

/// The same for folders alone, and for weight files alone, which have no average to choose.
std::shared_ptr<const Model> openCheckpoint(const std::filesystem::path& folder, const OpenOptions& options = {});
std::shared_ptr<const Model> openWeights(const std::filesystem::path& file, const OpenOptions& options = {});

/// What can be known of a checkpoint without reading its weights. Throws Error.
ModelFacts describeCheckpoint(const std::filesystem::path& checkpoint, const OpenOptions& options = {});

}  // namespace dw::inference::networks
