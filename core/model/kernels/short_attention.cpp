// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/short_attention.h"

#include <ATen/Parallel.h>

#include "model/kernels/attention_heads.h"

namespace dw::model {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// One head of [n, L, H, d].
template <typename Number>
kernels::HeadRows<Number> rowsOf(const Tensor& x, std::int64_t n, std::int64_t head) {
  return {x.data_ptr<float>() + n * x.stride(0) + head * x.stride(2), x.stride(1)};
}

kernels::AttentionHead headOf(const Tensor& q, const Tensor& k, const Tensor& v, std::int64_t n, std::int64_t head) {
  return {rowsOf<const float>(q, n, head),
          rowsOf<const float>(k, n, head),
          rowsOf<const float>(v, n, head),
          q.size(1),
          k.size(1),
          q.size(3)};
}

/// work(n, head) for every head, over the threads.
template <typename Work>
void forHeads(const Tensor& q, Work work) {
  const auto heads = q.size(2);
  at::parallel_for(0, q.size(0) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) work(i / heads, i % heads);
  });
}

/// The row sums of one head in [n, H, L].
float* sumsOf(const Tensor& logSums, std::int64_t n, std::int64_t head) {
  return logSums.data_ptr<float>() + n * logSums.stride(0) + head * logSums.stride(1);
}

Tensor denseInLast(const Tensor& x) { return x.stride(-1) == 1 ? x : x.contiguous(); }

class ShortAttention : public torch::autograd::Function<ShortAttention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& anyQ, const Tensor& anyK, const Tensor& anyV) {
    const auto q = denseInLast(anyQ), k = denseInLast(anyK), v = denseInLast(anyV);
    const auto out = at::empty(q.sizes(), q.options());
    const auto logSums = at::empty({q.size(0), q.size(2), q.size(1)}, q.options());
    forHeads(q, [&](std::int64_t n, std::int64_t head) {
      kernels::attendForward(headOf(q, k, v, n, head), rowsOf<float>(out, n, head), sumsOf(logSums, n, head));
    });
    context->save_for_backward({q, k, v, out, logSums});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[3], &logSums = saved[4];
    const auto dOut = denseInLast(gradients[0]);
    const auto dq = at::empty(q.sizes(), q.options()), dk = at::zeros(k.sizes(), k.options()),
               dv = at::zeros(v.sizes(), v.options());
    forHeads(q, [&](std::int64_t n, std::int64_t head) {
      kernels::attendBackward(
          headOf(q, k, v, n, head),
          {rowsOf<const float>(out, n, head), rowsOf<const float>(dOut, n, head), sumsOf(logSums, n, head),
           rowsOf<float>(dq, n, head), rowsOf<float>(dk, n, head), rowsOf<float>(dv, n, head)});
    });
    return {dq, dk, dv};
  }
};

}  // namespace

bool suitsShortAttention(const Tensor& q, const Tensor& k, const Tensor& v) {
  const auto plain = [](const Tensor& x) { return x.is_cpu() && x.scalar_type() == torch::kFloat32; };
  return plain(q) && plain(k) && plain(v) && kernels::isShortHead(q.size(3), k.size(1));
}

Tensor shortAttention(const Tensor& q, const Tensor& k, const Tensor& v) {
  return ShortAttention::apply(q, k, v).flatten(2);
}

}  // namespace dw::model
