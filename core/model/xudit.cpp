// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/xudit.h"

#include "base/error.h"
#include "model/initialisation.h"
#include "model/tread.h"
#include "model/xudit_inputs.h"

namespace dw::model {

namespace {

const config::ModelSettings& checked(const config::ModelSettings& settings) {
  for (const auto& problem : config::validate(settings)) {
    if (problem.severity == Severity::Error) throw Error(ErrorKind::Usage, problem.sentence, problem.remedy);
  }
  return settings;
}

/// Numbers of all tokens that go on: the chosen image tokens and every context row after them.
torch::Tensor withContextRows(const torch::Tensor& keep, std::int64_t imageTokens, std::int64_t tokens) {
  if (tokens == imageTokens) return keep;
  const auto rows = torch::arange(imageTokens, tokens, keep.options());
  return torch::cat({keep, rows.unsqueeze(0).expand({keep.size(0), -1})}, 1);
}

}  // namespace

XUDiT::XUDiT(const config::ModelSettings& settings) : settings_(checked(settings)) {
  const auto& s = settings_;
  backbone_ = register_module("backbone", std::make_shared<Backbone>(s));
  if (s.tread) {
    prevTread_ = register_module("prev_tread_trns", std::make_shared<BlockStack>(s, s.tread->prevTrnsDepth));
    postTread_ = register_module("post_tread_trns", std::make_shared<BlockStack>(s, s.tread->postTrnsDepth));
  }
  inPatch_ = register_module("in_patch", std::make_shared<PatchEmbed>(s.patchSize, s.inputDim, s.dim));
  outPatch_ = register_module("out_patch", std::make_shared<UnPatch>(s.patchSize, s.inputDim, s.dim));
  timeEmb_ = register_module("time_emb", std::make_shared<TimestepEmbedding>(s.dim));
  if (s.doubleT) rEmb_ = register_module("r_emb", std::make_shared<TimestepEmbedding>(s.dim));
  if (s.sharedAdaln) {
    adalnAttn_ = register_module("shared_adaln_attn", makeSharedModulationNet(s.dim));
    adalnXattn_ = register_module("shared_adaln_xattn", makeSharedModulationNet(s.dim));
    adalnFfw_ = register_module("shared_adaln_ffw", makeSharedModulationNet(s.dim));
  }
  if (s.classCond > 0) classToken_ = register_module("class_token", torch::nn::Embedding(s.classCond, s.dim));
  if (s.concatCtx && s.ctxDim > 0) ctxProj_ = register_module("ctx_proj", torch::nn::Linear(s.ctxDim, s.dim));
  if (s.addonInfoEmbsDim > 0) {
    addonProj_ = register_module("addon_info_embs_proj",
                                 torch::nn::Sequential(torch::nn::Linear(s.addonInfoEmbsDim, s.dim), torch::nn::Mish(),
                                                       torch::nn::Linear(s.dim, s.dim)));
  }
  initialise(*this);
}

XUDiT::Output XUDiT::run(const torch::Tensor& x, const torch::Tensor& t, const ForwardExtras& extras) {
  checkInputs(settings_, x, t, extras);
  const auto n = x.size(0), p = settings_.patchSize;
  auto [tokens, pos] = inPatch_->forward(x, extras.posMap);
  const auto imageTokens = tokens.size(1);

  const auto temb = timeEmbedding(t.reshape({n, 1}).to(tokens.scalar_type()), extras);
  const auto modulations = sharedModulations(temb);

  torch::Tensor ctx = settings_.classCond > 0 ? torch::Tensor() : extras.ctx;
  if (!ctx.defined() && settings_.ctxDim > 0) {
    ctx = torch::zeros({n, settings_.ctxSize, settings_.ctxDim}, tokens.options().requires_grad(false));
  }
  if (ctx.defined() && ctxProj_) {
    tokens = torch::cat({tokens, ctxProj_->forward(ctx)}, 1);
    pos = torch::constant_pad_nd(pos, {0, 0, 0, ctx.size(1)});  // context rows stand at (0, 0): no rotation
    ctx = torch::Tensor();
  }

  auto out = runBackbone(tokens, {temb, modulations ? &*modulations : nullptr, pos, ctx, {}}, imageTokens, extras);
  out.y = outPatch_->forward(out.y.narrow(1, 0, imageTokens), x.size(2) / p, x.size(3) / p);
  return out;
}

torch::Tensor XUDiT::timeEmbedding(const torch::Tensor& t, const ForwardExtras& extras) {
  const auto n = t.size(0);
  auto temb = timeEmb_->forward(t);
  if (extras.r.defined()) temb = temb + rEmb_->forward(t - extras.r.reshape({n, 1}).to(t.scalar_type()));
  if (classToken_ && extras.ctx.defined()) {
    // A label that is not told adds 0: there is no row for "none".
    const auto labels = extras.ctx.reshape({n, 1});
    const auto told = labels.ge(0).unsqueeze(-1).to(temb.scalar_type());
    temb = temb + classToken_->forward(labels.clamp_min(0)) * told;
  }
  if (extras.addonInfo.defined()) temb = temb + addonProj_->forward(extras.addonInfo.reshape({n, -1})).unsqueeze(1);
  return temb;
}

std::optional<SharedModulations> XUDiT::sharedModulations(const torch::Tensor& temb) {
  if (!settings_.sharedAdaln) return std::nullopt;
  const auto from = [&temb](torch::nn::Sequential& net) {
    return Modulation::fromThirds(net->forward(temb), temb.scalar_type());
  };
  return SharedModulations{from(adalnAttn_), from(adalnXattn_), from(adalnFfw_)};
}

XUDiT::Output XUDiT::runBackbone(torch::Tensor tokens, BlockInputs in, std::int64_t imageTokens,
                                 const ForwardExtras& extras) {
  const auto n = tokens.size(0), all = tokens.size(1);
  const bool drop = settings_.tread && (is_training() || extras.treadRate.has_value());
  if (extras.returnEncOut && !drop) {
    throw Error(ErrorKind::Usage, "The encoder's output can be returned only where TREAD drops tokens.",
                "configure TREAD, and train or give a tread rate");
  }
  if (!settings_.tread) return {backbone_->forward(tokens, in).x, {}};

  tokens = prevTread_->forward(tokens, in);
  if (!drop) return {postTread_->forward(backbone_->forward(tokens, in).x, in), {}};

  const auto keep = treadKeep(n, imageTokens, extras).to(tokens.device());
  const auto numbers = withContextRows(keep, imageTokens, all);
  auto kept = in;
  kept.pos = in.pos.dim() == 2 ? in.pos.index({numbers}) : takeTokens(in.pos, numbers);
  const auto result = backbone_->forward(takeTokens(tokens, numbers), kept);
  tokens = postTread_->forward(putTokens(tokens, numbers, result.x), in);
  if (!extras.returnEncOut) return {tokens, {}};
  return {tokens, is_training() ? result.encOut.narrow(1, 0, keep.size(1)) : result.encOut};
}

torch::Tensor XUDiT::treadKeep(std::int64_t n, std::int64_t imageTokens, const ForwardExtras& extras) const {
  const double given = extras.treadRate.value_or(0.0);
  const double rate = given == 0.0 ? settings_.tread->dropoutRatio : given;
  if (!extras.treadKeepIdx.defined()) return drawTreadKeep(n, imageTokens, rate, extras.treadGenerator);
  const auto keep = treadKeepCount(imageTokens, rate);
  if (extras.treadKeepIdx.sizes() != at::IntArrayRef({n, keep})) {
    throw Error(ErrorKind::Usage,
                c10::str("The numbers of the tokens that TREAD keeps have shape ", extras.treadKeepIdx.sizes(),
                         ", but the model needs [", n, ", ", keep, "]."));
  }
  return extras.treadKeepIdx;
}

}  // namespace dw::model
