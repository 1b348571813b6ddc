// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu_narrow.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/swiglu_narrow.cpp"
// A struct of vectors, as below, needs vectors whose size the compiler knows.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include <hwy/aligned_allocator.h>

#include <algorithm>

#include "model/kernels/sigmoid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows are worked off in tiles of three vectors: four outputs of a tile are twelve sums in registers, enough to hide how
// long an addition takes. A tile of C channels lies in memory as [C, rows of a tile].
using V = hn::Vec<hn::ScalableTag<float>>;
constexpr hn::ScalableTag<float> kTag;
constexpr std::int64_t kColumns = 64;  // hidden columns at a time: their weights and g stay in the first-level cache
constexpr std::int64_t kTiles = 10;    // tiles that share what is read of the weights

HWY_INLINE std::int64_t lanes() { return static_cast<std::int64_t>(hn::Lanes(kTag)); }
HWY_INLINE std::int64_t tileRows() { return 3 * lanes(); }

/// One channel of a tile.
struct Rows {
  V a, b, c;
};

HWY_INLINE Rows load(const float* from) { return {hn::Load(kTag, from), hn::Load(kTag, from + lanes()), hn::Load(kTag, from + 2 * lanes())}; }

HWY_INLINE void store(const Rows& rows, float* to) {
  hn::Store(rows.a, kTag, to);
  hn::Store(rows.b, kTag, to + lanes());
  hn::Store(rows.c, kTag, to + 2 * lanes());
}

HWY_INLINE Rows all(float value) {
  const auto v = hn::Set(kTag, value);
  return {v, v, v};
}

HWY_INLINE void addProduct(Rows& sum, float weight, const Rows& in) {
  const auto w = hn::Set(kTag, weight);
  sum.a = hn::MulAdd(w, in.a, sum.a);
  sum.b = hn::MulAdd(w, in.b, sum.b);
  sum.c = hn::MulAdd(w, in.c, sum.c);
}

struct Sums {
  Rows s0, s1, s2, s3;
};

/// s_i += sum over k of w_i[k * step] in[k], for `count` channels of the tile `in`.
HWY_INLINE void addProducts(Sums& sums, const float* w0, const float* w1, const float* w2, const float* w3, std::int64_t step,
                            const float* in, std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) {
    const auto channel = load(in + k * tileRows());
    addProduct(sums.s0, w0[k * step], channel);
    addProduct(sums.s1, w1[k * step], channel);
    addProduct(sums.s2, w2[k * step], channel);
    addProduct(sums.s3, w3[k * step], channel);
  }
}

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

/// out[k] += sum over c of w[c, k] in[c]: dim channels of a tile from `columns` of another. w [columns, dim].
void addTile(const float* w, std::int64_t dim, const float* in, std::int64_t columns, float* out) {
  for (std::int64_t k = 0; k < dim; k += 4) {
    float* to = out + k * tileRows();
    Sums s{load(to), load(to + tileRows()), load(to + 2 * tileRows()), load(to + 3 * tileRows())};
    addProducts(s, w + k, w + k + 1, w + k + 2, w + k + 3, dim, in, columns);
    store(s.s0, to);
    store(s.s1, to + tileRows());
    store(s.s2, to + 2 * tileRows());
    store(s.s3, to + 3 * tileRows());
  }
}

/// [rows, dim] -> tiles; rows that a last tile lacks are 0.
void toTiles(const float* from, std::int64_t rows, std::int64_t dim, std::int64_t tiles, float* to) {
  for (std::int64_t t = 0; t < tiles; ++t) {
    for (std::int64_t k = 0; k < dim; ++k) {
      for (std::int64_t r = t * tileRows(); r < (t + 1) * tileRows(); ++r) *to++ = r < rows ? from[r * dim + k] : 0.0F;
    }
  }
}

void fromTiles(const float* from, std::int64_t rows, std::int64_t dim, float* to) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t k = 0; k < dim; ++k) *to++ = from[(r / tileRows() * dim + k) * tileRows() + r % tileRows()];
  }
}

hwy::AlignedFreeUniquePtr<float[]> floats(std::int64_t count) { return hwy::AllocateAligned<float>(static_cast<std::size_t>(count)); }

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

/// A block of channels in tiles: those of the next tile follow `step` floats later.
struct Channels {
  const float* first;
  std::int64_t step;
};

/// out[c columnStep + k channelStep] += sum over the rows of left[c] right[k], for two columns c and four channels k.
void addOuter(Channels left, Channels right, std::int64_t tiles, float* out, std::int64_t columnStep, std::int64_t channelStep) {
  const auto zero = hn::Zero(kTag);
  V s00 = zero, s01 = zero, s02 = zero, s03 = zero, s10 = zero, s11 = zero, s12 = zero, s13 = zero;
  for (std::int64_t t = 0; t < tiles; ++t) {
    const float *l = left.first + t * left.step, *r = right.first + t * right.step;
    for (std::int64_t i = 0; i < tileRows(); i += lanes()) {
      const auto l0 = hn::Load(kTag, l + i), l1 = hn::Load(kTag, l + tileRows() + i);
      const auto r0 = hn::Load(kTag, r + i), r1 = hn::Load(kTag, r + tileRows() + i);
      s00 = hn::MulAdd(l0, r0, s00);
      s10 = hn::MulAdd(l1, r0, s10);
      s01 = hn::MulAdd(l0, r1, s01);
      s11 = hn::MulAdd(l1, r1, s11);
      const auto r2 = hn::Load(kTag, r + 2 * tileRows() + i), r3 = hn::Load(kTag, r + 3 * tileRows() + i);
      s02 = hn::MulAdd(l0, r2, s02);
      s12 = hn::MulAdd(l1, r2, s12);
      s03 = hn::MulAdd(l0, r3, s03);
      s13 = hn::MulAdd(l1, r3, s13);
    }
  }
  const auto add = [&](V sum, std::int64_t c, std::int64_t k) HWY_ATTR { out[c * columnStep + k * channelStep] += hn::GetLane(hn::SumOfLanes(kTag, sum)); };
  add(s00, 0, 0), add(s01, 0, 1), add(s02, 0, 2), add(s03, 0, 3);
  add(s10, 1, 0), add(s11, 1, 1), add(s12, 1, 2), add(s13, 1, 3);
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
        for (std::int64_t c = 0; c < columns; c += 4) {
          const float* wc = w3.get() + c * w.dim;
          Sums s{all(0.0F), all(0.0F), all(0.0F), all(0.0F)};
          addProducts(s, wc, wc + w.dim, wc + 2 * w.dim, wc + 3 * w.dim, 1, dOut.get() + t * tileSize, w.dim);
          float* to = h.g + c * tileRows();
          store(s.s0, to), store(s.s1, to + tileRows()), store(s.s2, to + 2 * tileRows()), store(s.s3, to + 3 * tileRows());
        }
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
