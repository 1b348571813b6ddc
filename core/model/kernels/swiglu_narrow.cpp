// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu_narrow.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/swiglu_narrow.cpp"
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)  // tiles-inl.h: structs of vectors
#include <hwy/foreach_target.h>  // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include <algorithm>

#include "model/kernels/exponential-inl.h"
#include "model/kernels/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kColumns = 64;  // hidden columns at a time: their weights and g stay in the first-level cache
constexpr std::int64_t kTiles = 10;    // tiles that share what is read of the weights

HWY_INLINE V gate(V a, V b) { return hn::Mul(hn::Mul(a, sigmoid(kTag, a)), b); }
HWY_INLINE Rows gate(const Rows& a, const Rows& b) { return {gate(a.a, b.a), gate(a.b, b.b), gate(a.c, b.c)}; }

/// g of `columns` hidden columns from c0 on, for one tile of x.
void hiddenTile(const SwigluWeights& w, const float* x, std::int64_t c0, std::int64_t columns, float* g) {
  for (std::int64_t c = 0; c < columns; c += 2) {
    const float* wa = w.w12 + (c0 + c) * w.dim;
    const float* wb = wa + w.hidden * w.dim;
    const float* ba = w.b12 + c0 + c;
    const float* bb = ba + w.hidden;
    Sums s{all(ba[0]), all(ba[1]), all(bb[0]), all(bb[1])};
    addProducts(s, wa, wa + w.dim, wb, wb + w.dim, 1, x, w.dim);
    store(gate(s.s0, s.s2), g + c * tileRows());
    store(gate(s.s1, s.s3), g + (c + 1) * tileRows());
  }
}

/// Columns c0 .. c0 + columns of w3, turned: [columns, dim].
void turnedW3(const SwigluWeights& w, std::int64_t c0, std::int64_t columns, float* to) {
  for (std::int64_t k = 0; k < w.dim; ++k) {
    for (std::int64_t c = 0; c < columns; ++c) to[c * w.dim + k] = w.w3[k * w.hidden + c0 + c];
  }
}

void forward(const SwigluWeights& w, const float* x, float* y, std::int64_t rows) {
  const auto tileSize = w.dim * tileRows(), blockRows = kTiles * tileRows();
  const auto in = floats(kTiles * tileSize), out = floats(kTiles * tileSize), g = floats(kColumns * tileRows()), w3 = floats(kColumns * w.dim);
  for (std::int64_t r0 = 0; r0 < rows; r0 += blockRows) {
    const auto count = std::min(blockRows, rows - r0), tiles = (count + tileRows() - 1) / tileRows();
    toTiles(x + r0 * w.dim, count, w.dim, tiles, in.get());
    for (std::int64_t i = 0; i < tiles * w.dim; ++i) store(all(w.b3[i % w.dim]), out.get() + i * tileRows());
    for (std::int64_t c0 = 0; c0 < w.hidden; c0 += kColumns) {
      const auto columns = std::min(kColumns, w.hidden - c0);
      turnedW3(w, c0, columns, w3.get());
      for (std::int64_t t = 0; t < tiles; ++t) {
        hiddenTile(w, in.get() + t * tileSize, c0, columns, g.get());
        addTile(w3.get(), w.dim, g.get(), columns, out.get() + t * tileSize);
      }
    }
    fromTiles(out.get(), count, w.dim, y + r0 * w.dim);
  }
}

/// a, b and dg of one hidden column and vector of rows -> their gradients, and g in place of dg (formulas: swigluBackward
/// of swiglu_pointwise.h).
HWY_INLINE void gateGradients(V& a, V& b, V& dg) {
  const auto s = sigmoid(kTag, a), silu = hn::Mul(a, s);
  const auto slope = hn::MulAdd(silu, hn::Sub(hn::Set(kTag, 1.0F), s), s);
  const auto da = hn::Mul(hn::Mul(dg, b), slope), db = hn::Mul(dg, silu);
  dg = hn::Mul(silu, b);
  a = da;
  b = db;
}

/// What the backward pass holds of `kTiles` tiles and `kBackColumns` hidden columns.
struct Hidden {
  float *da, *db, *g;  ///< [tiles, kBackColumns, rows of a tile]; g holds dg first
};

constexpr std::int64_t kBackColumns = 16;  // three such blocks stay in the second-level cache beside the tiles

/// da, db and g of one tile and its hidden columns from c0 on. g must hold dg.
void hiddenGradients(const SwigluWeights& w, const float* x, std::int64_t c0, std::int64_t columns, const Hidden& h) {
  for (std::int64_t c = 0; c < columns; c += 2) {
    const float* wa = w.w12 + (c0 + c) * w.dim;
    const float* wb = wa + w.hidden * w.dim;
    const float* ba = w.b12 + c0 + c;
    const float* bb = ba + w.hidden;
    Sums s{all(ba[0]), all(ba[1]), all(bb[0]), all(bb[1])};
    addProducts(s, wa, wa + w.dim, wb, wb + w.dim, 1, x, w.dim);
    const auto finish = [&](Rows& a, Rows& b, std::int64_t column) HWY_ATTR {
      const auto at = column * tileRows();
      auto g = load(h.g + at);
      gateGradients(a.a, b.a, g.a);
      gateGradients(a.b, b.b, g.b);
      gateGradients(a.c, b.c, g.c);
      store(a, h.da + at);
      store(b, h.db + at);
      store(g, h.g + at);
    };
    finish(s.s0, s.s2, c);
    finish(s.s1, s.s3, c + 1);
  }
}

/// The weights' gradients of the hidden columns from c0 on: sums over all tiles.
void addWeightGradients(const SwigluWeights& w, const float* x, const float* dy, const Hidden& h, std::int64_t c0, std::int64_t columns,
                        std::int64_t tiles, const SwigluGradients& sums) {
  const auto tileSize = w.dim * tileRows(), hiddenSize = kBackColumns * tileRows();
  for (std::int64_t c = 0; c < columns; c += 2) {
    const auto column = c0 + c, at = c * tileRows();
    for (std::int64_t k = 0; k < w.dim; k += 4) {
      const Channels xk{x + k * tileRows(), tileSize}, dyk{dy + k * tileRows(), tileSize};
      addOuter({h.da + at, hiddenSize}, xk, tiles, sums.w12 + column * w.dim + k, w.dim, 1);
      addOuter({h.db + at, hiddenSize}, xk, tiles, sums.w12 + (w.hidden + column) * w.dim + k, w.dim, 1);
      addOuter({h.g + at, hiddenSize}, dyk, tiles, sums.w3 + k * w.hidden + column, 1, w.hidden);
    }
  }
  const auto sumOf = [&](const float* channel) HWY_ATTR {
    auto sum = hn::Zero(kTag);
    for (std::int64_t t = 0; t < tiles; ++t) {
      const auto rows = load(channel + t * hiddenSize);
      sum = hn::Add(sum, hn::Add(rows.a, hn::Add(rows.b, rows.c)));
    }
    return hn::GetLane(hn::SumOfLanes(kTag, sum));
  };
  for (std::int64_t c = 0; c < columns; ++c) {
    sums.b12[c0 + c] += sumOf(h.da + c * tileRows());
    sums.b12[w.hidden + c0 + c] += sumOf(h.db + c * tileRows());
  }
}

void backward(const SwigluWeights& w, const float* x, const float* dy, float* dx, const SwigluGradients& sums, std::int64_t rows) {
  const auto tileSize = w.dim * tileRows(), hiddenSize = kBackColumns * tileRows(), blockRows = kTiles * tileRows();
  const auto in = floats(kTiles * tileSize), dOut = floats(kTiles * tileSize), dIn = floats(kTiles * tileSize), w3 = floats(kBackColumns * w.dim);
  const auto da = floats(kTiles * hiddenSize), db = floats(kTiles * hiddenSize), g = floats(kTiles * hiddenSize);
  for (std::int64_t r0 = 0; r0 < rows; r0 += blockRows) {
    const auto count = std::min(blockRows, rows - r0), tiles = (count + tileRows() - 1) / tileRows();
    toTiles(x + r0 * w.dim, count, w.dim, tiles, in.get());
    toTiles(dy + r0 * w.dim, count, w.dim, tiles, dOut.get());
    std::fill_n(dIn.get(), tiles * tileSize, 0.0F);
    for (std::int64_t c0 = 0; c0 < w.hidden; c0 += kBackColumns) {
      const auto columns = std::min(kBackColumns, w.hidden - c0);
      turnedW3(w, c0, columns, w3.get());
      for (std::int64_t t = 0; t < tiles; ++t) {
        const Hidden h{da.get() + t * hiddenSize, db.get() + t * hiddenSize, g.get() + t * hiddenSize};
        multiplyTile(w3.get(), w.dim, dOut.get() + t * tileSize, columns, h.g);
        hiddenGradients(w, in.get() + t * tileSize, c0, columns, h);
        addTile(w.w12 + c0 * w.dim, w.dim, h.da, columns, dIn.get() + t * tileSize);
        addTile(w.w12 + (w.hidden + c0) * w.dim, w.dim, h.db, columns, dIn.get() + t * tileSize);
      }
      addWeightGradients(w, in.get(), dOut.get(), {da.get(), db.get(), g.get()}, c0, columns, tiles, sums);
    }
    fromTiles(dIn.get(), count, w.dim, dx + r0 * w.dim);
  }
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dw::model::kernels {

HWY_EXPORT(forward);
HWY_EXPORT(backward);

bool isNarrow(std::int64_t dim, std::int64_t hidden) { return dim <= 16 && dim % 4 == 0 && hidden % 4 == 0; }

void swigluNarrowForward(const SwigluWeights& weights, const float* x, float* y, std::int64_t rows) {
  HWY_DYNAMIC_DISPATCH(forward)(weights, x, y, rows);
}

void swigluNarrowBackward(const SwigluWeights& weights, const float* x, const float* dy, float* dx, const SwigluGradients& sums, std::int64_t rows) {
  HWY_DYNAMIC_DISPATCH(backward)(weights, x, dy, dx, sums, rows);
}

}  // namespace dw::model::kernels
#endif
