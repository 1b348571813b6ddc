// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <map>
#include <string>

#include "training/named_tensors.h"

namespace dw::weights::tensors {

/// Every tensor of a safetensors file, on the CPU, in its stored type. Throws Error.
training::NamedTensors readTensors(const std::filesystem::path& path);

/// Writes tensors (any device, any strides) as a safetensors file and brings it to the disk. Throws Error.
void writeTensors(const std::filesystem::path& path, const training::NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata = {});

/// What a weight file of the model holds: its parameters and buffers under their names. The tensors are the model's own.
training::NamedTensors stateDict(const torch::nn::Module& model);

/// The averages of what the model learns. Buffers, which such a file holds too (but not one of an earlier version), are left
/// out: they have no average. Throws Error.
training::NamedTensors readAverages(const std::filesystem::path& file, const torch::nn::Module& model);

/// Loads the weights of a checkpoint folder, or their average over them. All must be there, in their shapes. Throws Error.
void loadCheckpoint(const std::filesystem::path& folder, bool averaged, const torch::nn::Module& model);

}  // namespace dw::weights::tensors
