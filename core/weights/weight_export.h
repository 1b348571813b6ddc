// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dw::weights {

/// How the weights of a checkpoint are written for other programs.
struct WeightExport {
  bool averaged = false;      ///< the average of the weights (EMA) instead of the weights themselves
  std::string dtype = "f32";  ///< f32 | f16 | bf16
  std::string prefix{};       ///< put before each name, e.g. "model."
};

bool hasAverage(const std::filesystem::path& checkpoint);

/// Writes the weights of a checkpoint as one safetensors file under the reference's names (core/model/README.md, section 2). The checkpoint is
/// compared with its hashes first. The file appears when it is whole; an older one of that name is replaced. Its metadata
/// hold the model's settings, since shapes do not tell all of them. shouldContinue is asked before each tensor; false = stopped, then
/// nothing is left behind and false comes back. Throws Error: Usage, BadData (also for a number that 16 bits cannot hold),
/// DiskFull, Io.
bool exportWeights(const std::filesystem::path& checkpoint, const WeightExport& how, const std::filesystem::path& out,
                   const std::function<bool(double fraction)>& shouldContinue = {});

}  // namespace dw::weights
