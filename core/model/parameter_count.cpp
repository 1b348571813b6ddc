// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/parameter_count.h"

namespace dw::model {

namespace {

std::int64_t linear(std::int64_t in, std::int64_t out) { return in * out + out; }

/// One norm: its weight, and a modulation net of its own where none is shared.
std::int64_t norm(const config::ModelSettings& s) { return s.dim + (s.sharedAdaln ? 0 : linear(s.dim, 3 * s.dim)); }

std::int64_t rope(const config::ModelSettings& s) { return s.headCount() * (s.headSize() / 4) * 2; }

std::int64_t block(const config::ModelSettings& s, std::int64_t contextDim) {
  const auto d = s.dim;
  auto count = 3 * d * d + linear(d, d) + rope(s) + norm(s);  // self-attention
  if (contextDim > 0) count += d * d + 2 * d * contextDim + linear(d, d) + rope(s) + norm(s);
  return count + linear(d, 2 * s.mlpDim) + linear(s.mlpDim, d) + norm(s);  // SwiGLU
}

}  // namespace

std::int64_t parameterCount(const config::ModelSettings& s) {
  const auto d = s.dim;
  const auto patch = s.patchSize * s.patchSize * s.inputDim;
  const auto external = s.externalContext() ? s.ctxDim : 0;
  auto count = linear(patch, d) + linear(d, patch) + linear(d, d);  // in_patch, out_patch, time_emb
  if (s.doubleT) count += linear(d, d);
  if (s.sharedAdaln) count += 3 * (2 * d + linear(d, 4 * d) + linear(4 * d, 3 * d));
  if (s.classCond > 0) count += s.classCond * d;
  if (s.concatCtx && s.ctxDim > 0) count += linear(s.ctxDim, d);
  if (s.addonInfoEmbsDim > 0) count += linear(s.addonInfoEmbsDim, d) + linear(d, d);
  for (std::int64_t level = 0; level < s.depth; ++level) {
    count += s.encBlocksAt(level) * block(s, external);
    const auto dec = s.decBlocksAt(level);
    if (dec > 0) count += block(s, d) + (dec - 1) * block(s, s.decCtx ? external : 0);
  }
  if (s.tread) count += (s.tread->prevTrnsDepth + s.tread->postTrnsDepth) * block(s, external);
  return count;
}

}  // namespace dw::model
