// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu_narrow.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/swiglu_narrow.cpp"
#define HWY_DISABLED_TARGETS \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)  // tiles-inl.h: structs of vectors
#include <hwy/foreach_target.h>                                // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include <algorithm>

#include "model/kernels/exponential-inl.h"
#include "model/kernels/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kTiles = 10;  // tiles that share what is read of the weights
// hidden columns at a time: their weights and g stay in the first-level cache
constexpr std::int64_t kColumns = 64;
constexpr std::int64_t kBackColumns = 16;  // backwards, of all tiles: in the second-level cache

/// a (s0, s1) and b (s2, s3) of two hidden columns, for one tile of x. kDim: w.dim if it is known beforehand, which saves the
/// loop, or 0.
template <int kDim>
HWY_INLINE Sums hiddenSums(const SwigluWeights& w, const float* x, std::int64_t column) {
  const std::int64_t dim = kDim > 0 ? kDim : w.dim;
  const float* wa = w.w12 + column * dim;
  const float* wb = wa + w.hidden * dim;
  const float* ba = w.b12 + column;
  const float* bb = ba + w.hidden;
  Sums s{all(ba[0]), all(ba[1]), all(bb[0]), all(bb[1])};
  const Weights weights{wa, wa + dim, wb, wb + dim, 1};
  if constexpr (kDim > 0) {
#pragma GCC unroll 16
    for (int k = 0; k < kDim; ++k) addInput(s, weights, k, x);
  } else {
    addProducts(s, weights, x, dim);
  }
  return s;
}

HWY_INLINE Rows gate(const Rows& a, const Rows& b) {
  return {gate(kTag, a.a, b.a), gate(kTag, a.b, b.b), gate(kTag, a.c, b.c)};
}

/// Hidden columns first .. first + count.
struct Columns {
  std::int64_t first, count;
};

/// g of the columns, for one tile of x.
template <int kDim>
void hiddenTile(const SwigluWeights& w, const float* x, Columns columns, float* g) {
  for (std::int64_t c = 0; c < columns.count; c += 2) {
    const auto s = hiddenSums<kDim>(w, x, columns.first + c);
    store(gate(s.s0, s.s2), g + c * tileRows());
    store(gate(s.s1, s.s3), g + (c + 1) * tileRows());
  }
}

/// The columns of w3, turned: [columns, dim].
void turnedW3(const SwigluWeights& w, Columns columns, float* to) {
  for (std::int64_t k = 0; k < w.dim; ++k) {
    for (std::int64_t c = 0; c < columns.count; ++c) to[c * w.dim + k] = w.w3[k * w.hidden + columns.first + c];
  }
}

/// work(first row, rows, tiles) for each block of at most kTiles tiles.
template <class Work>
void forBlocks(std::int64_t rows, Work work) {
  const auto blockRows = kTiles * tileRows();
  for (std::int64_t r0 = 0; r0 < rows; r0 += blockRows)
    work(r0, std::min(blockRows, rows - r0), tilesFor(std::min(blockRows, rows - r0)));
}

template <int kDim>
void forwardOf(const SwigluWeights& w, const float* x, float* y, std::int64_t rows) {
  const auto tileSize = w.dim * tileRows();
  const auto in = floats(kTiles * tileSize), out = floats(kTiles * tileSize), g = floats(kColumns * tileRows()),
             w3 = floats(kColumns * w.dim);
  forBlocks(rows, [&](std::int64_t r0, std::int64_t count, std::int64_t tiles) HWY_ATTR {
    toTiles(x + r0 * w.dim, count, w.dim, tiles, in.get());
    toTiles(y + r0 * w.dim, count, w.dim, tiles, out.get());
    for (Columns columns{0, 0}; columns.first < w.hidden; columns.first += kColumns) {
      columns.count = std::min(kColumns, w.hidden - columns.first);
      turnedW3(w, columns, w3.get());
      for (std::int64_t t = 0; t < tiles; ++t) {
        hiddenTile<kDim>(w, in.get() + t * tileSize, columns, g.get());
        addTile(w3.get(), w.dim, g.get(), columns.count, out.get() + t * tileSize);
      }
    }
    fromTiles(out.get(), count, w.dim, y + r0 * w.dim);
  });
}

/// What the backward pass holds of `kTiles` tiles and `kBackColumns` hidden columns.
struct Hidden {
  float *da, *db, *g;  ///< [tiles, kBackColumns, rows of a tile]; g holds dg first
};

/// da, db and g of one tile and its columns. g must hold dg.
template <int kDim>
void hiddenGradients(const SwigluWeights& w, const float* x, Columns columns, const Hidden& h) {
  for (std::int64_t c = 0; c < columns.count; c += 2) {
    auto s = hiddenSums<kDim>(w, x, columns.first + c);
    const auto finish = [&](Rows& a, Rows& b, std::int64_t column) HWY_ATTR {
      const auto at = column * tileRows();
      auto g = load(h.g + at);
      gateGradients(kTag, a.a, b.a, g.a);
      gateGradients(kTag, a.b, b.b, g.b);
      gateGradients(kTag, a.c, b.c, g.c);
      store(a, h.da + at);
      store(b, h.db + at);
      store(g, h.g + at);
    };
    finish(s.s0, s.s2, c);
    finish(s.s1, s.s3, c + 1);
  }
}

/// A block of rows of x and dy in tiles.
struct Tiles {
  const float *x, *dy;
  std::int64_t count;
};

/// The weights' gradients of the columns: sums over all tiles.
void addWeightGradients(const SwigluWeights& w, const Tiles& tiles, const Hidden& h, Columns columns,
                        const SwigluGradients& sums) {
  const auto tileSize = w.dim * tileRows(), hiddenSize = kBackColumns * tileRows();
  for (std::int64_t c = 0; c < columns.count; c += 2) {
    const auto column = columns.first + c, at = c * tileRows();
    for (std::int64_t k = 0; k < w.dim; k += 4) {
      const Channels x{tiles.x + k * tileRows(), tileSize}, dy{tiles.dy + k * tileRows(), tileSize};
      addOuter({h.da + at, hiddenSize}, x, tiles.count, {sums.w12 + column * w.dim + k, w.dim, 1});
      addOuter({h.db + at, hiddenSize}, x, tiles.count, {sums.w12 + (w.hidden + column) * w.dim + k, w.dim, 1});
      addOuter({h.g + at, hiddenSize}, dy, tiles.count, {sums.w3 + k * w.hidden + column, 1, w.hidden});
    }
  }
  const auto sumOf = [&](const float* channel) HWY_ATTR {
    auto sum = hn::Zero(kTag);
    for (std::int64_t t = 0; t < tiles.count; ++t) {
      const auto rows = load(channel + t * hiddenSize);
      sum = hn::Add(sum, hn::Add(rows.a, hn::Add(rows.b, rows.c)));
    }
    return hn::GetLane(hn::SumOfLanes(kTag, sum));
  };
  for (std::int64_t c = 0; c < columns.count; ++c) {
    sums.b12[columns.first + c] += sumOf(h.da + c * tileRows());
    sums.b12[w.hidden + columns.first + c] += sumOf(h.db + c * tileRows());
  }
}

template <int kDim>
void backwardOf(const SwigluWeights& w, const SwigluRows& rows, const SwigluGradients& sums) {
  const auto tileSize = w.dim * tileRows(), hiddenSize = kBackColumns * tileRows();
  const auto in = floats(kTiles * tileSize), dOut = floats(kTiles * tileSize), dIn = floats(kTiles * tileSize),
             w3 = floats(kBackColumns * w.dim);
  const auto da = floats(kTiles * hiddenSize), db = floats(kTiles * hiddenSize), g = floats(kTiles * hiddenSize);
  forBlocks(rows.rows, [&](std::int64_t r0, std::int64_t count, std::int64_t tiles) HWY_ATTR {
    toTiles(rows.x + r0 * w.dim, count, w.dim, tiles, in.get());
    toTiles(rows.dy + r0 * w.dim, count, w.dim, tiles, dOut.get());
    std::fill_n(dIn.get(), tiles * tileSize, 0.0F);
    for (Columns columns{0, 0}; columns.first < w.hidden; columns.first += kBackColumns) {
      columns.count = std::min(kBackColumns, w.hidden - columns.first);
      turnedW3(w, columns, w3.get());
      for (std::int64_t t = 0; t < tiles; ++t) {
        const Hidden h{da.get() + t * hiddenSize, db.get() + t * hiddenSize, g.get() + t * hiddenSize};
        float* dx = dIn.get() + t * tileSize;
        multiplyTile(w3.get(), w.dim, dOut.get() + t * tileSize, columns.count, h.g);
        hiddenGradients<kDim>(w, in.get() + t * tileSize, columns, h);
        addTile(w.w12 + columns.first * w.dim, w.dim, h.da, columns.count, dx);
        addTile(w.w12 + (w.hidden + columns.first) * w.dim, w.dim, h.db, columns.count, dx);
      }
      addWeightGradients(w, {in.get(), dOut.get(), tiles}, {da.get(), db.get(), g.get()}, columns, sums);
    }
    fromTiles(dIn.get(), count, w.dim, rows.dx + r0 * w.dim);
  });
}

constexpr int kLectureDim = 16;  // the recipe lecture's

void forward(const SwigluWeights& w, const float* x, float* y, std::int64_t rows) {
  w.dim == kLectureDim ? forwardOf<kLectureDim>(w, x, y, rows) : forwardOf<0>(w, x, y, rows);
}

void backward(const SwigluWeights& w, const SwigluRows& rows, const SwigluGradients& sums) {
  w.dim == kLectureDim ? backwardOf<kLectureDim>(w, rows, sums) : backwardOf<0>(w, rows, sums);
}

std::int64_t rowsAtOnce() { return tileRows(); }

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dw::model::kernels {

HWY_EXPORT(forward);
HWY_EXPORT(backward);
HWY_EXPORT(rowsAtOnce);

bool isNarrow(std::int64_t dim, std::int64_t hidden) { return dim <= 16 && dim % 4 == 0 && hidden % 4 == 0; }

std::int64_t narrowRows() { return HWY_DYNAMIC_DISPATCH(rowsAtOnce)(); }

void swigluNarrowForward(const SwigluWeights& weights, const float* x, float* y, std::int64_t rows) {
  HWY_DYNAMIC_DISPATCH(forward)(weights, x, y, rows);
}

void swigluNarrowBackward(const SwigluWeights& weights, const SwigluRows& rows, const SwigluGradients& sums) {
  HWY_DYNAMIC_DISPATCH(backward)(weights, rows, sums);
}

}  // namespace dw::model::kernels
#endif
