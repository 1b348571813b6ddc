// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace dw::model::kernels {

// Attention of one short head on float32 numbers: softmax(q k^T / sqrt(size)) v (Vaswani et al. 2017) without ever holding
// all of the softmax (Dao et al. 2022, "FlashAttention"). A matrix library spends its time around such short products; here
// they stay in registers and the first-level cache. Vectorised over queries by Google Highway. Single-threaded: callers
// split the heads.

/// Rows of `size` dense numbers, one row `step` numbers after the other.
template <typename Number>
struct HeadRows {
  Number* first;
  std::int64_t step;
  Number* operator[](std::int64_t row) const { return first + row * step; }
};

struct AttentionHead {
  HeadRows<const float> q, k, v;  ///< [queries, size], [keys, size], [keys, size]
  std::int64_t queries, keys, size;
};

/// Whether the kernels take heads of this size and number of keys, and are faster than a matrix library at it.
bool isShortHead(std::int64_t size, std::int64_t keys);

/// Writes out [queries, size] and, for the way back, logSums [queries]: the logarithm of each row's sum of exponentials.
void attendForward(const AttentionHead& head, HeadRows<float> out, float* logSums);

/// What attendForward wrote and the gradient of out, and where the gradients of q, k and v go.
struct AttentionHeadBack {
  HeadRows<const float> out, dOut;
  const float* logSums;
  HeadRows<float> dq, dk, dv;
};

/// Writes dq, and adds to dk and dv.
void attendBackward(const AttentionHead& head, const AttentionHeadBack& back);

}  // namespace dw::model::kernels
