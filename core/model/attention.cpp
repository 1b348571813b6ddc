// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/attention.h"

#include "model/kernels/short_attention.h"

namespace dw::model {

namespace {

torch::nn::Linear linearWithoutBias(std::int64_t in, std::int64_t out) {
  return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
}

/// q [n, L, H, d], k and v [n, M, H, d] -> [n, L, H * d].
torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                     const torch::Tensor& mask) {
  if (!mask.defined() && suitsShortAttention(q, k, v)) return shortAttention(q, k, v);
  std::optional<torch::Tensor> bias;
  if (mask.defined()) bias = mask.to(q.scalar_type());
  const auto y = at::scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), bias);
  return y.transpose(1, 2).flatten(2);
}

}  // namespace

SelfAttention::SelfAttention(std::int64_t dim, std::int64_t headSize)
    : headSize_(headSize),
      qkv_(register_module("qkv", linearWithoutBias(dim, 3 * dim))),
      out_(register_module("out", torch::nn::Linear(dim, dim))),
      rope_(register_module("rope", std::make_shared<AxialRope>(dim / headSize, headSize))) {}

torch::Tensor SelfAttention::forward(const torch::Tensor& x, const torch::Tensor& pos, const torch::Tensor& mask) {
  const auto qkv = qkv_->forward(x).unflatten(-1, {3, -1, headSize_});  // [n, L, 3, H, d]
  // split and unbind, not narrow and select: their gradients are joined in one pass, not each padded with zeros and added.
  const auto parts = qkv.split_with_sizes({2, 1}, 2);
  auto qk = parts[0];
  // q and k turn together: one pass over both.
  if (pos.defined()) qk = rotate(qk, rope_->turns(pos).unsqueeze(-3));
  const auto turned = qk.unbind(2);
  return out_->forward(attend(turned[0], turned[1], parts[1].squeeze(2), mask));
}

CrossAttention::CrossAttention(std::int64_t dim, std::int64_t contextDim, std::int64_t headSize)
    : headSize_(headSize),
      q_(register_module("q", linearWithoutBias(dim, dim))),
      kv_(register_module("kv", linearWithoutBias(contextDim, 2 * dim))),
      out_(register_module("out", torch::nn::Linear(dim, dim))),
      rope_(register_module("rope", std::make_shared<AxialRope>(dim / headSize, headSize))) {}

torch::Tensor CrossAttention::forward(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& pos,
                                      const torch::Tensor& contextPos, const torch::Tensor& mask) {
  auto q = q_->forward(x).unflatten(-1, {-1, headSize_});
  const auto kv = kv_->forward(context).unflatten(-1, {2, -1, headSize_}).unbind(2);
  auto k = kv[0];
  torch::Tensor turns;
  if (pos.defined()) {
    turns = rope_->turns(pos);
    q = rotate(q, turns);
  }
  if (contextPos.defined()) k = rotate(k, contextPos.is_same(pos) ? turns : rope_->turns(contextPos));
  return out_->forward(attend(q, k, kv[1], mask));
}

}  // namespace dw::model
