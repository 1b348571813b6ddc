// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/sample_set.h"

#include <algorithm>
#include <utility>

#include "data/pictures/contact_sheet.h"
#include "data/pictures/rgb_projection.h"
#include "data/plain_source.h"

namespace dw::inference {
namespace {

constexpr std::int64_t kMostFrames = 101;              // of a trajectory: DDPM makes 1,000 steps
constexpr std::int64_t kMostFrameValues = 32'000'000;  // 128 MB for all states of all kept pictures
constexpr std::int64_t kMostKept = 64;

}  // namespace

std::int64_t SampleSet::labelOf(std::int64_t index) const {
  const auto& labels = request.labels;
  if (labels.empty()) return -1;
  return labels.size() == 1 ? labels.front() : labels[static_cast<std::size_t>(index)];
}

std::vector<float> SampleSet::stored() const {
  auto numbers = values;
  const auto plane = static_cast<std::size_t>(model.height * model.width);
  model.scale.undo(numbers, static_cast<std::size_t>(model.channels), plane);
  return numbers;
}

std::shared_ptr<const data::LatentSource> sourceOf(const SampleSet& samples) {
  const auto& model = samples.model;
  data::PlainSamples plain{.channels = model.channels,
                           .height = model.height,
                           .width = model.width,
                           .values = samples.stored(),
                           .labels = {},
                           .classNames = {}};
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < samples.request.count; ++i) labels.push_back(samples.labelOf(i));
  if (!labels.empty() && std::ranges::min(labels) >= 0) {
    plain.labels = std::move(labels);
    plain.classNames = model.classNames;
  }
  return data::makePlainSource(std::move(plain));
}

std::vector<data::pictures::PreviewImage> picturesOf(const SampleSet& samples, std::optional<float> limit) {
  const auto values = samples.stored();
  data::SourceInfo info;
  info.channels = samples.model.channels;
  info.height = samples.model.height;
  info.width = samples.model.width;
  return data::pictures::picturesOf(values, info, data::pictures::projectionOf(values, info.channels), limit);
}

FrameKeeper::FrameKeeper(const ModelFacts& model, const SampleRequest& request) : size_(model.sampleSize()) {
  const auto steps = request.steps;
  every_ = std::max<std::int64_t>(1, (steps + kMostFrames - 2) / (kMostFrames - 1));
  const auto most = kMostFrameValues / std::max<std::int64_t>(1, 2 * size_ * std::min(steps, kMostFrames));
  kept_ = std::clamp<std::int64_t>(most, 1, std::min(request.count, kMostKept));
}

void FrameKeeper::take(const SampleState& state) {
  if (state.first >= kept_ || (state.step % every_ != 0 && state.step != state.steps)) return;
  // The batches of one request come one after the other, each with all of its steps.
  auto frame = std::find_if(frames_.begin(), frames_.end(), [&](const SampleFrame& f) { return f.step == state.step; });
  if (frame == frames_.end()) frame = frames_.insert(frames_.end(), SampleFrame{state.step, state.t, {}, {}});
  const auto count = static_cast<std::ptrdiff_t>(std::min(state.count, kept_ - state.first) * size_);
  frame->x.insert(frame->x.end(), state.x.begin(), state.x.begin() + count);
  frame->x0.insert(frame->x0.end(), state.x0.begin(), state.x0.begin() + count);
}

void FrameKeeper::moveInto(SampleSet& samples) {
  samples.kept = kept_;
  samples.frames = std::move(frames_);
}

}  // namespace dw::inference
