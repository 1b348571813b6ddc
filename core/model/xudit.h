// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>

#include "config/model_settings.h"
#include "model/backbone.h"
#include "model/modulation.h"
#include "model/patch_embed.h"
#include "model/timestep_embedding.h"

namespace dw::model {

/// What a forward pass may be given besides x and t. Undefined = not given.
struct ForwardExtras {
  /// [n, rows, ctxDim], or n class numbers when the model is conditioned on classes; -1 = not told
  torch::Tensor ctx;
  torch::Tensor posMap;             ///< positions (y, x) of each input pixel, [n, h * w, 2]
  torch::Tensor r;                  ///< second time [n], for models with doubleT
  torch::Tensor addonInfo;          ///< [n] or [n, addonInfoEmbsDim]
  std::optional<double> treadRate;  ///< share of tokens that TREAD drops, also outside training; 0 = the settings' own
  torch::Tensor treadKeepIdx;       ///< rising numbers of the image tokens that go on, int64 [n, keep]
  std::optional<at::Generator> treadGenerator;  ///< draws the tokens where treadKeepIdx is not given
  bool returnEncOut = false;  ///< XUDiT::run also returns the encoder's output; only where TREAD drops tokens
};

/// The denoiser of the lecture and of the public models: a U-shaped-by-name transformer on patches (core/model/README.md). Parameter names are those of the public
/// weight files. Runs in float32 and float64, on any device; not to be called from two threads at once.
///   auto model = std::make_shared<XUDiT>(settings);
///   auto eps = model->forward(x, t);  // x [n, C, h, w], t [n] in [0, 1]
class XUDiT : public torch::nn::Module {
 public:
  /// Throws Error Usage with the first problem of validate(settings).
  explicit XUDiT(const config::ModelSettings& settings);

  struct Output {
    torch::Tensor y;       ///< [n, C, floor(h/p) * p, floor(w/p) * p]
    torch::Tensor encOut;  ///< only with returnEncOut: [n, keep, D] in training, else with the context rows
  };
  /// x [n, C, h, w], t [n] or [n, 1] in [0, 1]. Throws Error Usage with both shapes if an input does not fit the settings.
  Output run(const torch::Tensor& x, const torch::Tensor& t, const ForwardExtras& extras = {});
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& t, const ForwardExtras& extras = {}) {
    return run(x, t, extras).y;
  }

  const config::ModelSettings& settings() const { return settings_; }

 private:
  torch::Tensor timeEmbedding(const torch::Tensor& t, const ForwardExtras& extras);
  std::optional<SharedModulations> sharedModulations(const torch::Tensor& temb);
  Output runBackbone(torch::Tensor tokens, BlockInputs in, std::int64_t imageTokens, const ForwardExtras& extras);
  torch::Tensor treadKeep(std::int64_t n, std::int64_t imageTokens, const ForwardExtras& extras) const;

  config::ModelSettings settings_;
  std::shared_ptr<Backbone> backbone_;
  std::shared_ptr<BlockStack> prevTread_, postTread_;
  std::shared_ptr<PatchEmbed> inPatch_;
  std::shared_ptr<UnPatch> outPatch_;
  std::shared_ptr<TimestepEmbedding> timeEmb_, rEmb_;
  torch::nn::Sequential adalnAttn_{nullptr}, adalnXattn_{nullptr}, adalnFfw_{nullptr}, addonProj_{nullptr};
  torch::nn::Embedding classToken_{nullptr};
  torch::nn::Linear ctxProj_{nullptr};
};

}  // namespace dw::model
