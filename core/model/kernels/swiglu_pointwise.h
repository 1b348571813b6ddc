// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace dw::model::kernels {

// The pointwise middle of SwiGLU on one tile of rows x cols float32 numbers, rows dense. Vectorised by Google Highway,
// which picks the instruction set when the program runs. Single-threaded: callers split the rows.

/// g = SiLU(a) * b.
void swigluForward(const float* a, const float* b, float* g, std::int64_t rows, std::int64_t cols);

/// Given g's gradient dg, overwrites a and b by their gradients da and db, and dg by g itself. With s = sigmoid(a):
/// da = dg b s (1 + a (1 - s)), db = dg a s. Adds the column sums of da and db (the bias gradients) to daSum and dbSum.
void swigluBackward(float* a, float* b, float* dg, float* daSum, float* dbSum, std::int64_t rows, std::int64_t cols);

}  // namespace dw::model::kernels
