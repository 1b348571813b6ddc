// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/backbone.h"

namespace dw::model {

namespace {

std::int64_t externalContextDim(const config::ModelSettings& s) { return s.externalContext() ? s.ctxDim : 0; }

}  // namespace

BlockStack::BlockStack(const config::ModelSettings& settings, std::int64_t depth) {
  torch::nn::ModuleList list;
  for (std::int64_t i = 0; i < depth; ++i) {
    blocks_.push_back(std::make_shared<TransformerBlock>(settings, externalContextDim(settings)));
    list->push_back(blocks_.back());
  }
  register_module("blocks", list);
}

torch::Tensor BlockStack::forward(torch::Tensor x, const BlockInputs& in) {
  for (const auto& block : blocks_) x = block->forward(x, in);
  return x;
}

Backbone::Backbone(const config::ModelSettings& s) {
  const auto addLevel = [](torch::nn::ModuleList& levels, std::vector<Blocks>& all, Blocks blocks) {
    torch::nn::ModuleList level;
    for (const auto& block : blocks) level->push_back(block);
    levels->push_back(level);
    all.push_back(std::move(blocks));
  };
  torch::nn::ModuleList encLevels, decLevels;
  for (std::int64_t level = 0; level < s.depth; ++level) {
    Blocks enc, dec;
    for (std::int64_t i = 0; i < s.encBlocksAt(level); ++i) {
      enc.push_back(std::make_shared<TransformerBlock>(s, externalContextDim(s)));
    }
    for (std::int64_t i = 0; i < s.decBlocksAt(level); ++i) {
      const auto width = i == 0 ? s.dim : (s.decCtx ? externalContextDim(s) : 0);
      dec.push_back(std::make_shared<TransformerBlock>(s, width));
    }
    addLevel(encLevels, enc_, std::move(enc));
    addLevel(decLevels, dec_, std::move(dec));
  }
  register_module("enc_blocks", encLevels);
  register_module("dec_blocks", decLevels);
}

Backbone::Result Backbone::forward(torch::Tensor x, const BlockInputs& in) {
  for (const auto& level : enc_) {
    for (const auto& block : level) x = block->forward(x, in);
  }
  auto toEncoder = in;
  toEncoder.ctx = x;
  toEncoder.ctxPos = in.pos;
  const auto encOut = x;
  for (const auto& level : dec_) {
    for (std::size_t i = 0; i < level.size(); ++i) x = level[i]->forward(x, i == 0 ? toEncoder : in);
  }
  return {x, encOut};
}

}  // namespace dw::model
