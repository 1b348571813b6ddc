// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/attention_heads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/attention_heads.cpp"
#define HWY_DISABLED_TARGETS \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)  // tiles-inl.h: structs of vectors
#include <hwy/foreach_target.h>                                // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/kernels/exponential-inl.h"
#include "model/kernels/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// keys at a time, forwards: their logits of a tile stay in the first-level cache
constexpr std::int64_t kKeys = 64;
constexpr std::int64_t kBackKeys = 16;  // and backwards, of all tiles: in the second-level cache

float scaleOf(const AttentionHead& head) { return 1.0F / std::sqrt(static_cast<float>(head.size)); }

/// The rows without gaps, times `scale`.
Floats dense(HeadRows<const float> rows, std::int64_t count, std::int64_t size, float scale = 1.0F) {
  auto to = floats(count * size);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = 0; k < size; ++k) to[i * size + k] = rows[i][k] * scale;
  }
  return to;
}

Floats tilesOf(HeadRows<const float> rows, std::int64_t count, std::int64_t size, float scale = 1.0F) {
  auto to = floats(tilesFor(count) * size * tileRows());
  toTiles(dense(rows, count, size, scale).get(), count, size, tilesFor(count), to.get());
  return to;
}

HWY_INLINE Rows exponentials(const Rows& x, const Rows& minus) {
  return {exponentialOfNegative(kTag, hn::Sub(x.a, minus.a)), exponentialOfNegative(kTag, hn::Sub(x.b, minus.b)),
          exponentialOfNegative(kTag, hn::Sub(x.c, minus.c))};
}

HWY_INLINE Rows larger(const Rows& x, const Rows& y) {
  return {hn::Max(x.a, y.a), hn::Max(x.b, y.b), hn::Max(x.c, y.c)};
}
HWY_INLINE Rows product(const Rows& x, const Rows& y) {
  return {hn::Mul(x.a, y.a), hn::Mul(x.b, y.b), hn::Mul(x.c, y.c)};
}
HWY_INLINE Rows sum(const Rows& x, const Rows& y) { return {hn::Add(x.a, y.a), hn::Add(x.b, y.b), hn::Add(x.c, y.c)}; }
HWY_INLINE Rows difference(const Rows& x, const Rows& y) {
  return {hn::Sub(x.a, y.a), hn::Sub(x.b, y.b), hn::Sub(x.c, y.c)};
}

/// The softmax of a tile of queries as far as its keys were seen.
struct Running {
  float* largest;  ///< [rows of a tile] logit
  float* total;    ///< [rows of a tile] sum of exp(logit - largest)
  float* out;      ///< [size, rows of a tile] sum of exp(logit - largest) v
};

/// Takes the logits of `keys` further keys, which become exp(logit - largest).
void addKeys(float* logits, const float* v, std::int64_t keys, std::int64_t size, const Running& running) {
  const auto before = load(running.largest);
  auto largest = before;
  for (std::int64_t c = 0; c < keys; ++c) largest = larger(largest, load(logits + c * tileRows()));
  const auto shrink = exponentials(before, largest);
  auto total = product(load(running.total), shrink);
  for (std::int64_t c = 0; c < keys; ++c) {
    const auto p = exponentials(load(logits + c * tileRows()), largest);
    total = sum(total, p);
    store(p, logits + c * tileRows());
  }
  for (std::int64_t k = 0; k < size; ++k)
    store(product(load(running.out + k * tileRows()), shrink), running.out + k * tileRows());
  store(largest, running.largest);
  store(total, running.total);
  addTile(v, size, logits, keys, running.out);
}

void attend(const AttentionHead& head, HeadRows<float> out, float* logSums) {
  const auto size = head.size;
  const auto k = dense(head.k, head.keys, size), v = dense(head.v, head.keys, size);
  const auto q = tilesOf(head.q, head.queries, size, scaleOf(head));
  const auto logits = floats(kKeys * tileRows()), largest = floats(tileRows()), total = floats(tileRows()),
             sums = floats(size * tileRows());
  const Running running{largest.get(), total.get(), sums.get()};
  for (std::int64_t r0 = 0; r0 < head.queries; r0 += tileRows()) {
    store(all(-std::numeric_limits<float>::infinity()), running.largest);
    store(all(0.0F), running.total);
    std::fill_n(running.out, size * tileRows(), 0.0F);
    for (std::int64_t c0 = 0; c0 < head.keys; c0 += kKeys) {
      const auto keys = std::min(kKeys, head.keys - c0);
      multiplyTile(k.get() + c0 * size, size, q.get() + r0 * size, keys, logits.get());
      addKeys(logits.get(), v.get() + c0 * size, keys, size, running);
    }
    for (std::int64_t r = 0; r < std::min(tileRows(), head.queries - r0); ++r) {
      for (std::int64_t i = 0; i < size; ++i) out[r0 + r][i] = running.out[i * tileRows() + r] / running.total[r];
      logSums[r0 + r] = running.largest[r] + std::log(running.total[r]);
    }
  }
}

/// Per tile: logSums, and the sum over a row of dOut out, which every dp of the row loses (Dao et al. 2022, appendix B.4).
Floats rowNumbers(const AttentionHead& head, const AttentionHeadBack& back) {
  auto to = floats(2 * tilesFor(head.queries) * tileRows());
  std::fill_n(to.get(), 2 * tilesFor(head.queries) * tileRows(), 0.0F);
  for (std::int64_t r = 0; r < head.queries; ++r) {
    float* mine = to.get() + r / tileRows() * 2 * tileRows() + r % tileRows();
    mine[0] = back.logSums[r];
    for (std::int64_t k = 0; k < head.size; ++k) mine[tileRows()] += back.dOut[r][k] * back.out[r][k];
  }
  return to;
}

/// Logits become p = softmax, and dp the gradient of the logits. rowNumbers: of this tile.
void logitGradients(float* logits, float* dp, std::int64_t keys, const float* rowNumbers) {
  const auto logSum = load(rowNumbers), loss = load(rowNumbers + tileRows());
  for (std::int64_t c = 0; c < keys; ++c, logits += tileRows(), dp += tileRows()) {
    const auto p = exponentials(load(logits), logSum);
    store(p, logits);
    store(product(p, difference(load(dp), loss)), dp);
  }
}

void attendBack(const AttentionHead& head, const AttentionHeadBack& back) {
  const auto size = head.size, tiles = tilesFor(head.queries);
  const auto tileSize = size * tileRows(), logitSize = kBackKeys * tileRows();
  const auto k = dense(head.k, head.keys, size), v = dense(head.v, head.keys, size);
  const auto q = tilesOf(head.q, head.queries, size, scaleOf(head)), dOut = tilesOf(back.dOut, head.queries, size);
  const auto rows = rowNumbers(head, back);
  const auto p = floats(tiles * logitSize), dp = floats(tiles * logitSize), dqTiles = floats(tiles * tileSize);
  std::fill_n(dqTiles.get(), tiles * tileSize, 0.0F);
  for (std::int64_t c0 = 0; c0 < head.keys; c0 += kBackKeys) {
    const auto keys = std::min(kBackKeys, head.keys - c0);
    for (std::int64_t t = 0; t < tiles; ++t) {
      float *logits = p.get() + t * logitSize, *gradients = dp.get() + t * logitSize;
      multiplyTile(k.get() + c0 * size, size, q.get() + t * tileSize, keys, logits);
      multiplyTile(v.get() + c0 * size, size, dOut.get() + t * tileSize, keys, gradients);
      logitGradients(logits, gradients, keys, rows.get() + 2 * t * tileRows());
      addTile(k.get() + c0 * size, size, gradients, keys, dqTiles.get() + t * tileSize);
    }
    for (std::int64_t c = 0; c < keys; c += 2) {
      for (std::int64_t i = 0; i < size; i += 4) {
        const auto at = c * tileRows(), channel = i * tileRows();
        addOuter({dp.get() + at, logitSize}, {q.get() + channel, tileSize}, tiles,
                 {back.dk[c0 + c] + i, back.dk.step, 1});
        addOuter({p.get() + at, logitSize}, {dOut.get() + channel, tileSize}, tiles,
                 {back.dv[c0 + c] + i, back.dv.step, 1});
      }
    }
  }
  for (std::int64_t r = 0; r < head.queries; ++r) {
    const float* row = dqTiles.get() + r / tileRows() * tileSize + r % tileRows();
    for (std::int64_t i = 0; i < size; ++i) back.dq[r][i] = row[i * tileRows()] * scaleOf(head);
  }
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dw::model::kernels {

HWY_EXPORT(attend);
HWY_EXPORT(attendBack);

bool isShortHead(std::int64_t size, std::int64_t keys) {
  return size <= 16 && size % 4 == 0 && keys > 0 && keys % 4 == 0;
}

void attendForward(const AttentionHead& head, HeadRows<float> out, float* logSums) {
  HWY_DYNAMIC_DISPATCH(attend)(head, out, logSums);
}

void attendBackward(const AttentionHead& head, const AttentionHeadBack& back) {
  HWY_DYNAMIC_DISPATCH(attendBack)(head, back);
}

}  // namespace dw::model::kernels
#endif
