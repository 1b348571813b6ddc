// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/problem.h"

namespace dw::config {

/// TREAD (token routing, Krause et al. 2025): blocks that see every token before and after the backbone, and the share
/// of image tokens that bypass it while training.
struct TreadSettings {
  std::int64_t prevTrnsDepth = 1;
  std::int64_t postTrnsDepth = 1;
  double dropoutRatio = 0.5;
  bool operator==(const TreadSettings&) const = default;
};

/// Everything that fixes XUDiT's parameters and arithmetic. Names and defaults: the reference's constructor, except that
/// "none" is 0 here, and that dimHead 0 means dim / heads (the reference's default of 64 cannot build dim 16).
struct ModelSettings {
  std::int64_t patchSize = 2;
  std::int64_t inputDim = 4;   ///< channels C of a sample; in a recipe 0 = as the dataset has
  std::int64_t dim = 1024;     ///< width D of a token
  std::int64_t ctxDim = 1024;  ///< width of a context row; 0 = the model has no context
  std::int64_t ctxSize = 256;  ///< rows of zeros that stand for a missing context
  std::int64_t heads = 16;     ///< ignored when dimHead > 0
  std::int64_t dimHead = 64;   ///< size of a head; 0 = dim / heads
  std::int64_t mlpDim = 3072;
  std::int64_t depth = 8;                  ///< levels of encoder and decoder
  std::vector<std::int64_t> encBlocks{1};  ///< blocks of each encoder level; one entry counts for all levels
  std::vector<std::int64_t> decBlocks{2};
  bool decCtx = false;
  std::int64_t classCond = 0;  ///< number of classes; 0 = not conditioned on a class
  bool sharedAdaln = true;
  bool concatCtx = true;  ///< context rows join the tokens; false: blocks cross-attend to them
  bool useDyt = false;
  bool doubleT = false;
  std::int64_t addonInfoEmbsDim = 0;  ///< numbers of extra information per sample; 0 = none
  std::optional<TreadSettings> tread;
  bool gradientCheckpointing = false;  ///< recompute blocks in the backward pass: less memory, more time

  bool operator==(const ModelSettings&) const = default;

  std::int64_t headSize() const { return dimHead > 0 ? dimHead : dim / (heads > 0 ? heads : 1); }
  std::int64_t headCount() const { return headSize() > 0 ? dim / headSize() : 0; }
  std::int64_t encBlocksAt(std::int64_t level) const {
    return encBlocks.size() == 1 ? encBlocks[0] : encBlocks.at(static_cast<std::size_t>(level));
  }
  std::int64_t decBlocksAt(std::int64_t level) const {
    return decBlocks.size() == 1 ? decBlocks[0] : decBlocks.at(static_cast<std::size_t>(level));
  }
  /// Context that blocks cross-attend to (as opposed to rows that join the tokens).
  bool externalContext() const { return ctxDim > 0 && !concatCtx; }
};

/// What makes these settings impossible, each at its dotted field ("model.dim_head"), with a fix where one is known.
Problems validate(const ModelSettings& settings);

}  // namespace dw::config
