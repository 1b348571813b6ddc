// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/transformer_block.h"

#include "base/error.h"
#include "model/gradient_checkpoint.h"
#include "model/kernels/scaled_sum.h"

namespace dw::model {

namespace {

/// Modulation tensors as a flat list and back, for the checkpoint function, which takes tensors only.
void append(std::vector<torch::Tensor>& list, const Modulation& m) {
  list.insert(list.end(), {m.onePlusScale, m.shift, m.onePlusGate});
}

Modulation modulationAt(const std::vector<torch::Tensor>& list, std::size_t i) {
  return {list[i], list[i + 1], list[i + 2]};
}

}  // namespace

TransformerBlock::TransformerBlock(const config::ModelSettings& s, std::int64_t contextDim)
    : checkpointing_(s.gradientCheckpointing) {
  const auto kind = s.useDyt ? NormKind::Dyt : NormKind::Rms;
  attn_ = register_module("attn", std::make_shared<SelfAttention>(s.dim, s.headSize()));
  if (contextDim > 0) {
    xattn_ = register_module("xattn", std::make_shared<CrossAttention>(s.dim, contextDim, s.headSize()));
  }
  mlp_ = register_module("mlp", std::make_shared<SwiGlu>(s.dim, s.mlpDim));
  attnPreNorm_ = register_module("attn_pre_norm", std::make_shared<ModulatedNorm>(kind, s.dim, s.sharedAdaln));
  if (contextDim > 0) {
    xattnPreNorm_ = register_module("xattn_pre_norm", std::make_shared<ModulatedNorm>(kind, s.dim, s.sharedAdaln));
  }
  mlpPreNorm_ = register_module("mlp_pre_norm", std::make_shared<ModulatedNorm>(kind, s.dim, s.sharedAdaln));
}

torch::Tensor TransformerBlock::forward(const torch::Tensor& x, const BlockInputs& in) {
  if (xattn_ && !in.ctx.defined()) {
    throw Error(ErrorKind::Usage, "A block that cross-attends was given nothing to attend to (no context).");
  }
  return checkpointing_ && torch::GradMode::is_enabled() ? checkpointedForward(x, in) : compute(x, in);
}

torch::Tensor TransformerBlock::compute(const torch::Tensor& x, const BlockInputs& in) {
  const auto* m = in.modulations;
  const auto [a, aGate] = attnPreNorm_->forward(x, in.temb, m ? &m->attn : nullptr);
  auto y = scaledSum(a, attn_->forward(a, in.pos), aGate);
  if (xattn_) {
    const auto [c, cGate] = xattnPreNorm_->forward(y, in.temb, m ? &m->xattn : nullptr);
    y = scaledSum(c, xattn_->forward(c, in.ctx, in.pos, in.ctxPos), cGate);
  }
  const auto [f, fGate] = mlpPreNorm_->forward(y, in.temb, m ? &m->ffw : nullptr);
  return scaledSum(f, mlp_->forward(f), fGate);
}

torch::Tensor TransformerBlock::checkpointedForward(const torch::Tensor& x, const BlockInputs& in) {
  std::vector<torch::Tensor> inputs{x, in.temb, in.pos, in.ctx, in.ctxPos};
  const auto base = inputs.size();
  const bool shared = in.modulations != nullptr;
  if (shared) {
    for (const auto* m : {&in.modulations->attn, &in.modulations->xattn, &in.modulations->ffw}) append(inputs, *m);
  }
  const auto rerun = [this, shared, base, self = shared_from_this()](const std::vector<torch::Tensor>& t) {
    SharedModulations m;
    if (shared) m = {modulationAt(t, base), modulationAt(t, base + 3), modulationAt(t, base + 6)};
    return compute(t[0], {t[1], shared ? &m : nullptr, t[2], t[3], t[4]});
  };
  return checkpointed(rerun, inputs, parameters());
}

}  // namespace dw::model
