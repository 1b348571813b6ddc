// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <memory>

#include "config/model_settings.h"
#include "model/attention.h"
#include "model/modulation.h"
#include "model/swiglu.h"

namespace dw::model {

/// What every block of one forward pass shares.
struct BlockInputs {
  torch::Tensor temb;                              ///< time embedding [n, 1, D]
  const SharedModulations* modulations = nullptr;  ///< null when each norm has its own net
  torch::Tensor pos;                               ///< of the tokens, [L, 2] or [n, L, 2]; undefined = no rotation
  torch::Tensor ctx;                               ///< what is cross-attended to, [n, M, K]; undefined = nothing
  torch::Tensor ctxPos;                            ///< positions of ctx, undefined = its keys are not rotated
};

/// One transformer block. The residual adds to the NORMED and modulated value, the block's input itself is dropped:
///   h, g = attn_pre_norm(x);  x = h + attn(h) * g;  the same with xattn where it cross-attends, and with mlp.
/// Parameters "attn.*", "xattn.*" (if contextDim > 0), "mlp.*", "attn_pre_norm.*", "xattn_pre_norm.*", "mlp_pre_norm.*".
class TransformerBlock : public torch::nn::Module {
 public:
  /// contextDim: width of what the block cross-attends to, 0 = it does not.
  TransformerBlock(const config::ModelSettings& settings, std::int64_t contextDim);

  /// x [n, L, D] -> [n, L, D]. Recomputes in the backward pass if the settings say gradientCheckpointing.
  torch::Tensor forward(const torch::Tensor& x, const BlockInputs& in);
  bool crossAttends() const { return xattn_ != nullptr; }

 private:
  torch::Tensor compute(const torch::Tensor& x, const BlockInputs& in);
  torch::Tensor checkpointedForward(const torch::Tensor& x, const BlockInputs& in);

  bool checkpointing_;
  std::shared_ptr<SelfAttention> attn_;
  std::shared_ptr<CrossAttention> xattn_;
  std::shared_ptr<SwiGlu> mlp_;
  std::shared_ptr<ModulatedNorm> attnPreNorm_, xattnPreNorm_, mlpPreNorm_;
};

}  // namespace dw::model
