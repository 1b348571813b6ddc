// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/sampling_core.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/samplers/sampling_loop.h"
#include "diffusion/samplers/spacing.h"
#include "model/xudit.h"
#include "schedule/noise_schedule.h"
#include "training/own_threads.h"

namespace dw::run {
namespace {

diffusion::SamplerSettings settingsOf(const SampleRequest& r, const SampledModel& info) {
  return {.kind = r.sampler,
          .steps = r.steps,
          .spacing = r.spacing,
          .target = diffusion::targetFrom(info.diffusion.target),
          .eta = r.eta,
          .clip = r.clip,
          .karras = r.karras,
          .shift = info.schedule.shift};
}

Problem wrong(const char* field, std::string sentence, std::string remedy, std::string fix = {}) {
  return {field, Severity::Error, std::move(sentence), std::move(remedy), std::move(fix)};
}

void checkCondition(Problems& out, const SampleRequest& r, const SampledModel& info) {
  const auto count = static_cast<std::size_t>(r.count);
  const bool told = !r.labels.empty() || !r.context.empty();
  if (r.guidance != 1.0 && info.classes() == 0 && !info.takesContext()) {
    out.push_back(wrong("guidance", "guidance compares the answers with and without a condition, but this model takes none",
                        "use 1, or train with model.class_cond", "1"));
  } else if (r.guidance != 1.0 && r.guidance != 0.0 && !told) {
    out.push_back(wrong("guidance", "guidance needs something to guide to", "give a label, or use 1", "1"));
  }
  if (!(r.guidance >= -100.0 && r.guidance <= 100.0)) out.push_back(wrong("guidance", "guidance must lie between -100 and 100", "use 1", "1"));
  if (!r.labels.empty() && info.classes() == 0) {
    out.push_back(wrong("labels", "this model was trained without class labels", "leave the label out"));
  } else if (r.labels.size() > 1 && r.labels.size() != count) {
    out.push_back(wrong("labels", std::to_string(r.labels.size()) + " labels for " + std::to_string(count) + " pictures",
                        "give one label for all, or one for each"));
  } else {
    for (const auto label : r.labels) {
      if (label >= -1 && label < info.classes()) continue;
      out.push_back(wrong("labels", "there is no class " + std::to_string(label) + ": the model knows 0 to " + std::to_string(info.classes() - 1),
                          "use one of these, or -1 for none", "0"));
      break;
    }
  }
  const auto one = static_cast<std::size_t>(std::max<std::int64_t>(info.contextRows, 1) * info.model.ctxDim);
  if (!r.context.empty() && !info.takesContext()) {
    out.push_back(wrong("context", "this model was trained without a context", "leave the context out"));
  } else if (!r.context.empty() && r.context.size() != one && r.context.size() != one * count) {
    out.push_back(wrong("context", "the context has " + std::to_string(r.context.size()) + " numbers, but the model takes " + std::to_string(one) +
                                       " for each picture", "give one context for all, or one for each"));
  }
}

at::Tensor noiseOf(const SampleRequest& r, const char* stream, std::int64_t first, at::IntArrayRef shape, std::int64_t step) {
  std::vector<at::Tensor> pictures;
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    const auto seed = streamSeed(r.seed, stream, static_cast<std::uint64_t>(r.first + first + i), static_cast<std::uint64_t>(step));
    pictures.push_back(at::randn(shape.slice(1), at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat));
  }
  return at::stack(pictures);
}

std::span<const float> plain(const at::Tensor& onCpu) { return {onCpu.const_data_ptr<float>(), static_cast<std::size_t>(onCpu.numel())}; }

/// Threads of the calling thread's computations, as before when it ends; a run that trains meanwhile keeps its own.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(threads > 0 ? at::get_num_threads() : 0) {
    if (threads > 0) training::computeWithOwnThreads(threads);
  }
  ~ThreadScope() {
    if (before_ > 0) training::computeWithOwnThreads(before_);
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;  ///< 0: nothing to bring back
};

class XuditSampling : public SamplingModel {
 public:
  XuditSampling(SampledModel info, std::shared_ptr<model::XUDiT> model);

  const SampledModel& info() const override { return info_; }
  Problems check(const SampleRequest& request) const override;
  SampleResult sample(const SampleRequest& request, const EachSampleState& each, std::stop_token stop) override;

 private:
  struct Batch;
  bool sampleBatch(const SampleRequest& request, const Batch& batch, const EachSampleState& each, const std::stop_token& stop,
                   float* out);

  SampledModel info_;
  std::shared_ptr<model::XUDiT> model_;
  schedule::NoiseSchedule schedule_;
  std::mutex busy_;
};

struct XuditSampling::Batch {
  std::int64_t first = 0, count = 0;

  diffusion::Guidance guidance(const SampleRequest& r, const SampledModel& info, at::Device device) const;
};

diffusion::Guidance XuditSampling::Batch::guidance(const SampleRequest& r, const SampledModel& info, at::Device device) const {
  diffusion::Guidance g;
  g.weight = r.guidance;
  if (info.classes() > 0) {
    const at::Tensor labels = at::full({count}, -1, at::kLong);
    for (std::int64_t i = 0; i < count && !r.labels.empty(); ++i) {
      labels.mutable_data_ptr<std::int64_t>()[i] = r.labels.size() == 1 ? r.labels[0] : r.labels[static_cast<std::size_t>(first + i)];
    }
    g.with.labels = labels.to(device);
    g.without.labels = at::full_like(g.with.labels, -1);
  }
  if (info.takesContext()) {
    const auto rows = std::max<std::int64_t>(info.contextRows, 1), dim = info.model.ctxDim;
    at::Tensor context = at::zeros({count, rows, dim});
    if (!r.context.empty()) {
      const bool each = static_cast<std::int64_t>(r.context.size()) != rows * dim;
      const auto given = at::tensor(r.context, at::kFloat).view({each ? r.count : 1, rows, dim});
      context = each ? given.narrow(0, first, count) : given.expand({count, rows, dim});
    }
    g.with.context = context.contiguous().to(device);
    g.without.context = at::zeros_like(g.with.context);
  }
  return g;
}

XuditSampling::XuditSampling(SampledModel info, std::shared_ptr<model::XUDiT> model)
    : info_(std::move(info)), model_(std::move(model)), schedule_(schedule::makeNoiseSchedule(info_.schedule)) {
  model_->eval();
}

Problems XuditSampling::check(const SampleRequest& r) const {
  Problems out = diffusion::validate(settingsOf(r, info_), schedule_);
  if (r.count < 1 || r.count > 1'000'000) out.push_back(wrong("count", "the number of pictures must lie between 1 and 1000000", "use 16", "16"));
  if (r.batch < 1) out.push_back(wrong("batch", "at least one picture is made at once", "use 64", "64"));
  if (const auto patch = info_.model.patchSize; info_.height % patch != 0 || info_.width % patch != 0) {
    out.push_back(wrong("height", "a sample of " + std::to_string(info_.height) + " x " + std::to_string(info_.width) + " cannot be cut into the model's patches of " +
                                      std::to_string(patch), "give a height and width that are multiples of " + std::to_string(patch)));
  }
  if (!(r.clip >= 0.0)) out.push_back(wrong("clip", "the limit of x0-hat cannot be negative", "use 0 for none", "0"));
  checkCondition(out, r, info_);
  return out;
}

SampleResult XuditSampling::sample(const SampleRequest& request, const EachSampleState& each, std::stop_token stop) {
  const auto problems = check(request);
  if (!problems.empty()) throw Error(ErrorKind::Usage, problems.front().field + ": " + problems.front().sentence, problems.front().remedy);
  const std::scoped_lock alone(busy_);
  const ThreadScope threads(request.threads);
  const auto size = static_cast<std::size_t>(info_.channels * info_.height * info_.width);
  SampleResult result;
  result.values.resize(static_cast<std::size_t>(request.count) * size);
  for (std::int64_t first = 0; first < request.count; first += request.batch) {
    const Batch batch{.first = first, .count = std::min(request.batch, request.count - first)};
    if (sampleBatch(request, batch, each, stop, result.values.data() + static_cast<std::size_t>(first) * size)) continue;
    return {.cancelled = true, .values = {}};
  }
  return result;
}

bool XuditSampling::sampleBatch(const SampleRequest& r, const Batch& batch, const EachSampleState& each, const std::stop_token& stop,
                                float* out) {
  const c10::InferenceMode noAutograd;
  const auto device = model_->parameters().front().device();
  const auto sampler = diffusion::makeSampler(settingsOf(r, info_), schedule_);
  const std::vector<std::int64_t> shape{batch.count, info_.channels, info_.height, info_.width};
  const diffusion::Predictor predict = [this](const at::Tensor& x, const at::Tensor& time, const diffusion::Condition& condition) {
    model::ForwardExtras extras;
    extras.ctx = info_.classes() > 0 ? condition.labels : condition.context;
    return model_->forward(x, time, extras);
  };
  const at::Tensor last = diffusion::runSampler(
      *sampler, noiseOf(r, "sample", batch.first, shape, 0).to(device), predict, batch.guidance(r, info_, device),
      [&](std::int64_t step) { return noiseOf(r, "sample noise", batch.first, shape, step).to(device); },
      [&](const diffusion::SamplingState& s) {
        if (stop.stop_requested()) return false;
        if (!each) return true;
        const auto x = s.shown.to(at::kCPU, at::kFloat).contiguous(), x0 = s.x0.to(at::kCPU, at::kFloat).contiguous();
        return each({.step = s.step, .steps = s.steps, .t = s.t, .first = batch.first, .count = batch.count, .x = plain(x), .x0 = plain(x0)});
      });
  if (!last.defined()) return false;
  const auto values = last.to(at::kCPU, at::kFloat).contiguous();
  std::memcpy(out, values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel()) * sizeof(float));
  return true;
}

}  // namespace

std::shared_ptr<SamplingModel> makeSamplingModel(SampledModel info, std::shared_ptr<model::XUDiT> model) {
  return std::make_shared<XuditSampling>(std::move(info), std::move(model));
}

std::vector<SamplerChoice> samplerChoices() {
  std::vector<SamplerChoice> choices;
  for (const auto& kind : diffusion::samplerKinds()) {
    choices.push_back({.name = std::string(kind.name), .eta = kind.usesEta, .karras = kind.usesKarras, .leading = kind.spaced});
  }
  return choices;
}

std::vector<std::string> samplerSpacings() { return diffusion::spacingNames(); }

}  // namespace dw::run
