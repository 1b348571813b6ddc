// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "golden/golden_case.h"

namespace dw::golden {

/// The weight files that files.json of an interop folder lists (ckpt*, bad_ckpt*): settings are inferred from the shapes and
/// must be those of the list, the model that comes out must give out.y of ckpt_expected.safetensors for its in.x and in.t;
/// bad ones must be refused by a sentence that holds every name of the list. Outcomes are named "interop/FILE".
std::vector<Outcome> runWeightFiles(const std::filesystem::path& interopFolder);

}  // namespace dw::golden
