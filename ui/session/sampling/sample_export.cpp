// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling/sample_export.h"

#include <algorithm>

#include "data/writers/convert.h"
#include "data/plain_source.h"
#include "session/sampling/sampling_session.h"

namespace dw::ui {

void writeSamples(const MadeSamples& samples, const std::filesystem::path& path) {
  const auto& model = samples.model;
  data::PlainSamples plain{.channels = model.channels, .height = model.height, .width = model.width, .values = samples.stored(), .labels = {}, .classNames = {}};
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < samples.request.count; ++i) labels.push_back(samples.labelOf(i));
  if (std::ranges::min(labels) >= 0) {  // -1: not told, which no file of labels can say
    plain.labels = std::move(labels);
    plain.classNames = model.classNames;
  }
  data::writers::convertDataset(*data::makePlainSource(std::move(plain)), path, {.dtype = "f32", .chunk = 0, .overwrite = true});
}

}  // namespace dw::ui
