// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/samplers/sampling_loop.h"

namespace dw::diffusion {
namespace {

at::Tensor joined(const at::Tensor& a, const at::Tensor& b) { return a.defined() ? at::cat({a, b}) : a; }

/// Both conditions as those of one batch: first all with, then all without.
Condition doubled(const Guidance& g) {
  Condition both = g.with;
  both.labels = joined(g.with.labels, g.without.labels);
  both.context = joined(g.with.context, g.without.context);
  return both;
}

class GuidedPredictor {
 public:
  GuidedPredictor(const Predictor& predictor, const Guidance& guidance)
      : predictor_(predictor), weight_(guidance.weight), double_(weight_ != 1.0 && weight_ != 0.0) {
    condition_ = double_ ? doubled(guidance) : weight_ == 0.0 ? guidance.without : guidance.with;
  }

  at::Tensor operator()(const at::Tensor& x, double time) const {
    const auto count = x.size(0);
    const at::Tensor input = double_ ? at::cat({x, x}) : x;
    const at::Tensor output = predictor_(input, at::full({input.size(0)}, time, x.options()), condition_);
    if (!double_) return output;
    return at::lerp(output.narrow(0, count, count), output.narrow(0, 0, count), weight_);
  }

 private:
  const Predictor& predictor_;
  double weight_;
  bool double_;
  Condition condition_;
};

}  // namespace

at::Tensor runSampler(Sampler& sampler, const at::Tensor& unitNoise, const Predictor& predictor,
                      const Guidance& guidance, const StepNoise& noise, const EachState& each) {
  const c10::InferenceMode noAutograd;
  const GuidedPredictor predict(predictor, guidance);
  at::Tensor x = unitNoise * sampler.initialScale();
  for (std::int64_t i = 0; i < sampler.steps(); ++i) {
    const at::Tensor output = predict(sampler.modelInput(x, i), sampler.modelTime(i));
    auto [after, x0] = sampler.step(i, x, output, noise);
    x = after;
    if (!each) continue;
    const SamplingState state{.step = i + 1,
                              .steps = sampler.steps(),
                              .t = sampler.timesteps()[static_cast<std::size_t>(i)],
                              .x = x,
                              .shown = sampler.modelInput(x, i + 1),
                              .x0 = x0};
    if (!each(state)) return {};
  }
  return sampler.modelInput(x, sampler.steps());
}

}  // namespace dw::diffusion
