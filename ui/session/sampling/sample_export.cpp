// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling/sample_export.h"

#include "data/writers/convert.h"
#include "inference/sample_set.h"

namespace dw::ui {

void writeSamples(const inference::SampleSet& samples, const std::filesystem::path& path) {
  data::writers::convertDataset(*inference::sourceOf(samples), path, {.dtype = "f32", .chunk = 0, .overwrite = true});
}

}  // namespace dw::ui
