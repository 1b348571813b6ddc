// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/xudit_model.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/prediction_target.h"
#include "diffusion/samplers/sampling_loop.h"
#include "model/xudit.h"
#include "schedule/noise_schedule.h"
#include "training/own_threads.h"

namespace dw::inference::networks {
namespace {

diffusion::SamplerSettings settingsOf(const SampleRequest& r, const ModelFacts& model) {
  return {.kind = r.sampler,
          .steps = r.steps,
          .spacing = r.spacing,
          .target = model.diffusion.target,
          .eta = r.eta,
          .clip = r.clip,
          .karras = r.karras,
          .shift = model.schedule.shift};
}

/// The pictures of a request that are made at once.
struct Part {
  std::int64_t first = 0, count = 0;
};

at::Tensor noiseOf(const SampleRequest& r, const char* stream, std::int64_t first, at::IntArrayRef shape,
                   std::int64_t step) {
  std::vector<at::Tensor> pictures;
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    const auto seed =
        streamSeed(r.seed, stream, static_cast<std::uint64_t>(r.first + first + i), static_cast<std::uint64_t>(step));
    pictures.push_back(at::randn(shape.slice(1), at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat));
  }
  return at::stack(pictures);
}

std::span<const float> plain(const at::Tensor& onCpu) {
  return {onCpu.const_data_ptr<float>(), static_cast<std::size_t>(onCpu.numel())};
}

diffusion::Guidance guidanceOf(const SampleRequest& r, const Part& part, const ModelFacts& model, at::Device device) {
  diffusion::Guidance g;
  g.weight = r.guidance;
  if (model.classes() > 0) {
    const at::Tensor labels = at::full({part.count}, -1, at::kLong);
    for (std::int64_t i = 0; i < part.count && !r.labels.empty(); ++i) {
      labels.mutable_data_ptr<std::int64_t>()[i] =
          r.labels.size() == 1 ? r.labels[0] : r.labels[static_cast<std::size_t>(part.first + i)];
    }
    g.with.labels = labels.to(device);
    g.without.labels = at::full_like(g.with.labels, -1);
  }
  if (model.takesContext()) {
    const auto rows = std::max<std::int64_t>(model.contextRows, 1), dim = model.model.ctxDim;
    at::Tensor context = at::zeros({part.count, rows, dim});
    if (!r.context.empty()) {
      const bool each = static_cast<std::int64_t>(r.context.size()) != rows * dim;
      const auto given = at::tensor(r.context, at::kFloat).view({each ? r.count : 1, rows, dim});
      context = each ? given.narrow(0, part.first, part.count) : given.expand({part.count, rows, dim});
    }
    g.with.context = context.contiguous().to(device);
    g.without.context = at::zeros_like(g.with.context);
  }
  return g;
}

std::vector<float> numbersOf(const at::Tensor& tensor) {
  const auto dense = tensor.to(at::kCPU).contiguous();
  return {dense.const_data_ptr<float>(), dense.const_data_ptr<float>() + dense.numel()};
}

void refuseMisfit(const PredictRequest& request, const config::ModelSettings& settings) {
  if (request.channels != settings.inputDim) {
    throw Error(ErrorKind::Usage,
                "this model works on " + std::to_string(settings.inputDim) + " channels, the sample has " +
                    std::to_string(request.channels),
                "open the dataset that the run was trained on");
  }
  if (request.height % settings.patchSize != 0 || request.width % settings.patchSize != 0) {
    throw Error(ErrorKind::Usage,
                "a sample of " + std::to_string(request.height) + " x " + std::to_string(request.width) +
                    " cannot be cut into patches of " + std::to_string(settings.patchSize),
                "open the dataset that the run was trained on");
  }
  const auto numbers = static_cast<std::size_t>(request.samples * request.channels * request.height * request.width);
  if (request.xT.size() != numbers) throw Error(ErrorKind::Internal, "a request to predict of the wrong size");
}

}  // namespace

/// Samples one part after the other into a set.
class XuditModel::Sampling {
 public:
  Sampling(const XuditModel& owner, const SampleRequest& request, const EachSampleState& each,
           const std::stop_token& stop)
      : owner_(owner), model_(owner.facts_), request_(request), each_(each), stop_(stop) {}

  std::optional<SampleSet> run() {
    SampleSet samples{.model = model_, .request = request_};
    samples.values.resize(static_cast<std::size_t>(request_.count * model_.sampleSize()));
    for (std::int64_t first = 0; first < request_.count; first += request_.batch) {
      const Part part{.first = first, .count = std::min(request_.batch, request_.count - first)};
      if (!runPart(part, samples.values.data() + first * model_.sampleSize())) return std::nullopt;
    }
    return samples;
  }

 private:
  bool runPart(const Part& part, float* out) const;
  bool show(const Part& part, const diffusion::SamplingState& s) const;

  const XuditModel& owner_;
  const ModelFacts& model_;
  const SampleRequest& request_;
  const EachSampleState& each_;
  const std::stop_token& stop_;
};

bool XuditModel::Sampling::show(const Part& part, const diffusion::SamplingState& s) const {
  if (stop_.stop_requested()) return false;
  if (!each_) return true;
  const auto x = s.shown.to(at::kCPU, at::kFloat).contiguous(), x0 = s.x0.to(at::kCPU, at::kFloat).contiguous();
  return each_({.step = s.step,
                .steps = s.steps,
                .t = s.t,
                .first = part.first,
                .count = part.count,
                .x = plain(x),
                .x0 = plain(x0)});
}

bool XuditModel::Sampling::runPart(const Part& part, float* out) const {
  const c10::InferenceMode noAutograd;
  const auto device = owner_.network_->parameters().front().device();
  const auto sampler = diffusion::makeSampler(settingsOf(request_, model_), owner_.schedule_);
  const std::vector<std::int64_t> shape{part.count, model_.channels, model_.height, model_.width};
  const diffusion::Predictor predict = [this](const at::Tensor& x, const at::Tensor& time,
                                              const diffusion::Condition& condition) {
    model::ForwardExtras extras;
    extras.ctx = model_.classes() > 0 ? condition.labels : condition.context;
    return owner_.network_->forward(x, time, extras);
  };
  const at::Tensor last = diffusion::runSampler(
      *sampler, noiseOf(request_, "sample", part.first, shape, 0).to(device), predict,
      guidanceOf(request_, part, model_, device),
      [&](std::int64_t step) { return noiseOf(request_, "sample noise", part.first, shape, step).to(device); },
      [&](const diffusion::SamplingState& s) { return show(part, s); });
  if (!last.defined()) return false;
  const auto values = last.to(at::kCPU, at::kFloat).contiguous();
  std::memcpy(out, values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel()) * sizeof(float));
  return true;
}

XuditModel::XuditModel(ModelFacts facts, std::shared_ptr<model::XUDiT> network)
    : facts_(std::move(facts)), network_(std::move(network)), schedule_(schedule::makeNoiseSchedule(facts_.schedule)) {
  network_->eval();
}

XuditModel::~XuditModel() = default;

void XuditModel::renew(std::int64_t step, bool averaged) {
  facts_.step = step;
  facts_.averaged = averaged;
}

Prediction XuditModel::predict(const PredictRequest& request) const {
  refuseMisfit(request, facts_.model);
  const std::scoped_lock alone(busy_);
  const training::ThreadScope threads(1);
  const c10::InferenceMode inference;
  const auto device = network_->parameters().front().device();
  const std::int64_t shape[] = {request.samples, request.channels, request.height, request.width};
  const auto xT = at::from_blob(const_cast<float*>(request.xT.data()), shape, at::kFloat).to(device);
  const auto target = facts_.diffusion.target;
  const diffusion::Level level{.signal = std::max(request.terms.signal, 1e-4), .noise = request.terms.sigma};
  // On the straight path time is the share of noise itself.
  const double when = target == diffusion::Target::Flow ? level.noise / (level.signal + level.noise) : request.time;
  const auto time = at::full({request.samples}, when, at::kFloat).to(device);
  model::ForwardExtras extras;
  if (facts_.classes() > 0 && !request.labels.empty()) extras.ctx = at::tensor(request.labels, at::kLong).to(device);
  // Whatever the model predicts, it tells both parts of x_t; an eps model sees nothing of x_0 in pure noise.
  const auto output = network_->forward(xT * diffusion::inputFactor(target, level), time, extras);
  const auto parts = diffusion::partsOf(target, xT, output, level);
  return {numbersOf(parts.eps), numbersOf(parts.x0)};
}

Problems XuditModel::check(const SampleRequest& request) const {
  Problems out = diffusion::validate(settingsOf(request, facts_), schedule_);
  const auto others = checkRequest(request, facts_);
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

std::optional<SampleSet> XuditModel::sample(const SampleRequest& request, const EachSampleState& each,
                                            std::stop_token stop) const {
  const auto problems = check(request);
  if (!problems.empty())
    throw Error(ErrorKind::Usage, problems.front().field + ": " + problems.front().sentence, problems.front().remedy);
  const std::scoped_lock alone(busy_);
  const training::ThreadScope threads(request.threads);
  return Sampling(*this, request, each, stop).run();
}

}  // namespace dw::inference::networks
