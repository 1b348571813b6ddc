// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dw::golden {

/// One file of a golden interop folder, as `dwb golden` reports it under "interop/FILE".
struct InteropOutcome {
  std::string file;
  bool pass = false;
  std::string detail;  ///< what was found, or the sentence of the refusal
};

/// Every file that files.json of the folder lists: datasets are opened, compared by shape, type, probes, keys and the hash
/// of all values, or must be refused with an Error. Files of weights (ckpt*, bad_ckpt*) are left to ../weight_cases.h. Throws Error if files.json cannot be read.
std::vector<InteropOutcome> runInterop(const std::filesystem::path& interopFolder);

}  // namespace dw::golden
