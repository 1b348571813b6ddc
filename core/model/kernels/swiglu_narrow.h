// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace dw::model::kernels {

// SwiGLU of narrow layers on float32 numbers, rows dense. A matrix library spends its time around such short products;
// here everything between x and y stays in registers and the first-level cache. Vectorised over rows by Google Highway.
// Single-threaded: callers split the rows.

/// The layer's weights: y = w3 (SiLU(a) * b) + b3 with (a, b) = w12 x + b12.
struct SwigluWeights {
  const float* w12;  ///< [2 hidden, dim]: the rows of a, then those of b
  const float* b12;  ///< [2 hidden]
  const float* w3;   ///< [dim, hidden]
  const float* b3;   ///< [dim]
  std::int64_t dim, hidden;
};

/// Whether the kernels take layers of this size, and are faster than a matrix library at it.
bool isNarrow(std::int64_t dim, std::int64_t hidden);

/// Sums of gradients, laid out like the weights. That of b3 is the column sum of dy.
struct SwigluGradients {
  float* w12;
  float* b12;
  float* w3;
};

/// x [rows, dim] -> y [rows, dim]. Each row comes out the same however the rows are split.
void swigluNarrowForward(const SwigluWeights& weights, const float* x, float* y, std::int64_t rows);

/// Given dy, the gradient of y, both [rows, dim]: writes dx [rows, dim] and adds to the sums of the weights. The hidden
/// numbers are computed again.
void swigluNarrowBackward(const SwigluWeights& weights, const float* x, const float* dy, float* dx, const SwigluGradients& sums, std::int64_t rows);

}  // namespace dw::model::kernels
