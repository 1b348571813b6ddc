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
  std::int64_t dim, hidden;
};

/// Sums of gradients, laid out like the weights.
struct SwigluGradients {
  float* w12;
  float* b12;
  float* w3;
};

/// Whether the kernels take layers of this size, and are faster than a matrix library at it.
bool isNarrow(std::int64_t dim, std::int64_t hidden);

/// Rows are worked off so many at a time; pieces of other lengths cost what the next multiple would.
std::int64_t narrowRows();

/// x [rows, dim]; y [rows, dim] holds b3 in every row and becomes the output. Each row comes out the same however the rows
/// are split.
void swigluNarrowForward(const SwigluWeights& weights, const float* x, float* y, std::int64_t rows);

/// x, dy and dx of the same rows, each [rows, dim].
struct SwigluRows {
  const float* x;
  const float* dy;  ///< gradient of y
  float* dx;
  std::int64_t rows;
};

/// Writes dx and adds to the sums of the weights. The hidden numbers are computed again.
void swigluNarrowBackward(const SwigluWeights& weights, const SwigluRows& rows, const SwigluGradients& sums);

}  // namespace dw::model::kernels
