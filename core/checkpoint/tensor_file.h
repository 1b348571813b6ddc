// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dw::checkpoint {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Every tensor of a safetensors file, on the CPU, in its stored type. Throws Error.
NamedTensors readTensors(const std::filesystem::path& path);

/// Writes tensors (any device, any strides) as a safetensors file and brings it to the disk. Throws Error.
void writeTensors(const std::filesystem::path& path, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata = {});

/// Copies stored values into tensors of the same names (a model's parameters and buffers), widening or narrowing to their
/// type. Throws Error BadData that lists every name that is missing, unknown, or of another shape (with both shapes);
/// then nothing was copied.
void copyInto(const NamedTensors& targets, const NamedTensors& stored, const std::filesystem::path& source);

}  // namespace dw::checkpoint
