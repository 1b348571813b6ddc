// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data/latent_source.h"
#include "data/pictures/latent_preview.h"
#include "inference/model_facts.h"
#include "inference/sample_request.h"

namespace dw::inference {

/// One step of the way out of the noise, of the pictures whose way is kept.
struct SampleFrame {
  std::int64_t step = 0;     ///< model calls done
  double t = 0.0;            ///< the timestep that the model was asked at
  std::vector<float> x, x0;  ///< [kept, C, H, W] in the model's scale: the state, and the end as seen from here
};

/// Samples that a model made, with what it was asked for.
struct SampleSet {
  ModelFacts model{};
  SampleRequest request{};
  std::vector<float> values{};  ///< [count, C, H, W] in the model's scale
  // Where somebody kept the way (FrameKeeper):
  std::int64_t kept = 0;              ///< how many pictures have frames
  std::vector<SampleFrame> frames{};  ///< evenly spaced over the steps where there are very many
  double seconds = 0.0;               ///< that it took, where somebody measured

  std::int64_t sampleSize() const { return model.sampleSize(); }
  /// Class of picture `index`; -1 = none was asked for.
  std::int64_t labelOf(std::int64_t index) const;
  /// All values in the scale of the dataset.
  std::vector<float> stored() const;
};

/// The same as a dataset, in the scale of the one that the model was trained on. With labels if every picture has one: a
/// file of labels cannot say "not told".
std::shared_ptr<const data::LatentSource> sourceOf(const SampleSet& samples);

/// The same as pictures in colours fitted to them. limit: each followed by its channels, see data::picturesOf.
std::vector<data::pictures::PreviewImage> picturesOf(const SampleSet& samples,
                                                     std::optional<float> limit = std::nullopt);

/// Collects the way of the first pictures of a request from its states.
class FrameKeeper {
 public:
  FrameKeeper(const ModelFacts& model, const SampleRequest& request);
  void take(const SampleState& state);
  void moveInto(SampleSet& samples);

 private:
  std::int64_t size_ = 0, every_ = 1, kept_ = 0;
  std::vector<SampleFrame> frames_;
};

}  // namespace dw::inference
