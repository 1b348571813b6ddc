// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace dw::inference {
struct SampleSet;
}

namespace dw::ui {

/// Writes samples as numbers in the scale of the dataset, with their labels: .npz, .safetensors or .h5, by the ending of the
/// path. A file that is there is replaced. Any thread. Throws Error: Usage (another ending), BadData (not finite), DiskFull, Io.
void writeSamples(const inference::SampleSet& samples, const std::filesystem::path& path);

}  // namespace dw::ui
