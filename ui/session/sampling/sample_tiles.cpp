// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling/sample_tiles.h"

#include <memory>
#include <vector>

namespace dw::ui {
namespace {

PreviewTile cut(const inference::ModelFacts& model, const std::vector<float>& all, std::int64_t index) {
  const auto size = model.sampleSize();
  PreviewTile tile{index, 0, model.channels, model.height, model.width, 1, {}};
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * size);
  tile.values = std::make_shared<const std::vector<float>>(begin, begin + static_cast<std::ptrdiff_t>(size));
  return tile;
}

}  // namespace

PreviewTile tileOf(const inference::SampleSet& samples, std::int64_t index) {
  return cut(samples.model, samples.values, index);
}

PreviewTile tileOf(const inference::SampleSet& samples, const inference::SampleFrame& frame, std::int64_t index,
                   bool x0) {
  return cut(samples.model, x0 ? frame.x0 : frame.x, index);
}

PreviewTile asStored(const inference::SampleSet& samples, const PreviewTile& tile) {
  return unscaled(tile, samples.model.scale);
}

}  // namespace dw::ui
