// SPDX-License-Identifier: GPL-3.0-or-later
// Included once for each instruction set, which is why the guard toggles (Google Highway's way).
#if defined(DWB_MODEL_KERNELS_TILES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DWB_MODEL_KERNELS_TILES_INL_H
#undef DWB_MODEL_KERNELS_TILES_INL_H
#else
#define DWB_MODEL_KERNELS_TILES_INL_H
#endif

#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

#include <cstdint>
#include <new>

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Products of matrices with one short side, in pieces that stay in registers and the first-level cache.
// Rows are worked off in tiles of three vectors: four outputs of a tile are twelve sums in registers, enough to hide how
// long an addition takes. A tile of C channels lies in memory as [C, rows of a tile].
using V = hn::Vec<hn::ScalableTag<float>>;
constexpr hn::ScalableTag<float> kTag;

HWY_INLINE std::int64_t lanes() { return static_cast<std::int64_t>(hn::Lanes(kTag)); }
HWY_INLINE std::int64_t tileRows() { return 3 * lanes(); }
HWY_INLINE std::int64_t tilesFor(std::int64_t rows) { return (rows + tileRows() - 1) / tileRows(); }

/// One channel of a tile.
struct Rows {
  V a, b, c;
};

HWY_INLINE Rows load(const float* from) {
  return {hn::Load(kTag, from), hn::Load(kTag, from + lanes()), hn::Load(kTag, from + 2 * lanes())};
}

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

/// The weights of four outputs; those of the next input follow `step` numbers later.
struct Weights {
  const float *w0, *w1, *w2, *w3;
  std::int64_t step;
};

/// s_i += w_i[k] in[k].
HWY_INLINE void addInput(Sums& sums, const Weights& w, std::int64_t k, const float* in) {
  const auto channel = load(in + k * tileRows());
  addProduct(sums.s0, w.w0[k * w.step], channel);
  addProduct(sums.s1, w.w1[k * w.step], channel);
  addProduct(sums.s2, w.w2[k * w.step], channel);
  addProduct(sums.s3, w.w3[k * w.step], channel);
}

/// s_i += sum over k of w_i[k] in[k], for `count` channels of the tile `in`.
HWY_INLINE void addProducts(Sums& sums, const Weights& w, const float* in, std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) addInput(sums, w, k, in);
}

HWY_INLINE void store(const Sums& sums, float* to) {
  store(sums.s0, to);
  store(sums.s1, to + tileRows());
  store(sums.s2, to + 2 * tileRows());
  store(sums.s3, to + 3 * tileRows());
}

/// out[c] = sum over k of w[c, k] in[k]: columns (a multiple of 4) channels of a tile from dim of another. w [columns, dim].
inline void multiplyTile(const float* w, std::int64_t dim, const float* in, std::int64_t columns, float* out) {
  for (std::int64_t c = 0; c < columns; c += 4) {
    const float* wc = w + c * dim;
    Sums s{all(0.0F), all(0.0F), all(0.0F), all(0.0F)};
    addProducts(s, {wc, wc + dim, wc + 2 * dim, wc + 3 * dim, 1}, in, dim);
    store(s, out + c * tileRows());
  }
}

/// out[k] += sum over c of w[c, k] in[c]: dim (a multiple of 4) channels of a tile from `columns` of another. w [columns, dim].
inline void addTile(const float* w, std::int64_t dim, const float* in, std::int64_t columns, float* out) {
  for (std::int64_t k = 0; k < dim; k += 4) {
    float* to = out + k * tileRows();
    Sums s{load(to), load(to + tileRows()), load(to + 2 * tileRows()), load(to + 3 * tileRows())};
    addProducts(s, {w + k, w + k + 1, w + k + 2, w + k + 3, dim}, in, columns);
    store(s, to);
  }
}

/// [rows, dim] -> tiles; rows that a last tile lacks are 0.
inline void toTiles(const float* from, std::int64_t rows, std::int64_t dim, std::int64_t tiles, float* to) {
  for (std::int64_t t = 0; t < tiles; ++t) {
    for (std::int64_t k = 0; k < dim; ++k) {
      for (std::int64_t r = t * tileRows(); r < (t + 1) * tileRows(); ++r) *to++ = r < rows ? from[r * dim + k] : 0.0F;
    }
  }
}

inline void fromTiles(const float* from, std::int64_t rows, std::int64_t dim, float* to) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t k = 0; k < dim; ++k) *to++ = from[(r / tileRows() * dim + k) * tileRows() + r % tileRows()];
  }
}

using Floats = hwy::AlignedFreeUniquePtr<float[]>;

/// Throws std::bad_alloc.
inline Floats floats(std::int64_t count) {
  auto all = hwy::AllocateAligned<float>(static_cast<std::size_t>(count));
  if (!all) throw std::bad_alloc();
  return all;
}

/// A block of channels in tiles: those of the next tile follow `step` floats later.
struct Channels {
  const float* first;
  std::int64_t step;
};

/// Where sums of products of columns and channels go.
struct Table {
  float* first;
  std::int64_t columnStep, channelStep;
};

/// out[c, k] += sum over the rows of left[c] right[k], for two columns c and four channels k.
inline void addOuter(Channels left, Channels right, std::int64_t tiles, Table out) {
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
  const auto add = [&](V sum, std::int64_t c, std::int64_t k) HWY_ATTR {
    out.first[c * out.columnStep + k * out.channelStep] += hn::GetLane(hn::SumOfLanes(kTag, sum));
  };
  add(s00, 0, 0), add(s01, 0, 1), add(s02, 0, 2), add(s03, 0, 3);
  add(s10, 1, 0), add(s11, 1, 1), add(s12, 1, 2), add(s13, 1, 3);
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
