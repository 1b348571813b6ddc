// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/model_facts.h"

namespace dw::inference {

Problems compareShapes(const ModelFacts& model, const config::DatasetShape& data) {
  if (model.channels == data.channels && model.height == data.height && model.width == data.width) return {};
  const auto text = [](std::int64_t c, std::int64_t h, std::int64_t w) {
    return std::to_string(c) + " x " + std::to_string(h) + " x " + std::to_string(w);
  };
  return {{"checkpoint", Severity::Error,
           "this checkpoint was trained on samples of " + text(model.channels, model.height, model.width) +
               ", the open dataset has " + text(data.channels, data.height, data.width),
           "open the dataset it was trained on, or choose another checkpoint", ""}};
}

}  // namespace dw::inference
