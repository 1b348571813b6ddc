// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "model/transformer_block.h"

namespace dw::model {

using Blocks = std::vector<std::shared_ptr<TransformerBlock>>;

/// Blocks one after another, all attending to the external context if there is one: "blocks.I.*". What TREAD runs before
/// and after the backbone on all tokens.
class BlockStack : public torch::nn::Module {
 public:
  BlockStack(const config::ModelSettings& settings, std::int64_t depth);
  torch::Tensor forward(torch::Tensor x, const BlockInputs& in);

 private:
  Blocks blocks_;
};

/// Encoder and decoder levels: "enc_blocks.LEVEL.I.*", "dec_blocks.LEVEL.I.*". The first block of EVERY decoder level
/// attends to the output of the LAST encoder level, despite the U-shaped name.
class Backbone : public torch::nn::Module {
 public:
  explicit Backbone(const config::ModelSettings& settings);

  struct Result {
    torch::Tensor x;       ///< [n, L, D]
    torch::Tensor encOut;  ///< what the encoder handed to the decoder, [n, L, D]
  };
  Result forward(torch::Tensor x, const BlockInputs& in);

 private:
  std::vector<Blocks> enc_, dec_;
};

}  // namespace dw::model
