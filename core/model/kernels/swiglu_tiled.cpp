// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu_tiled.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <vector>

#include "model/kernels/swiglu_narrow.h"
#include "model/kernels/swiglu_pointwise.h"

namespace dw::model {
namespace {

using torch::Tensor;

// Found by measurement on a core with 2 MiB of second-level cache: three tiles of kRows x kColumns floats stay in it, and
// the matrix products are still large enough to run at speed.
constexpr std::int64_t kRows = 256;
constexpr std::int64_t kColumns = 384;

/// How N rows and M hidden columns are cut.
struct Tiling {
  Tiling(std::int64_t n, std::int64_t hidden) : rows(n), columns(hidden) {
    const auto perThread = (n + at::get_num_threads() - 1) / at::get_num_threads();
    rowTile = std::clamp<std::int64_t>(perThread, 1, kRows);
    rowTiles = (n + rowTile - 1) / rowTile;
  }
  std::int64_t rowsOf(std::int64_t tile) const { return std::min(rowTile, rows - tile * rowTile); }
  std::int64_t columnsAt(std::int64_t begin) const { return std::min(kColumns, columns - begin); }

  std::int64_t rows, columns, rowTile, rowTiles;
};

/// Weights split into the halves that make a and b; views, no copies.
struct Weights {
  Tensor a, b, aBias, bBias, out;
  Weights(const Tensor& w12, const Tensor& b12, const Tensor& w3) : out(w3) {
    const auto hidden = w3.size(1);
    a = w12.narrow(0, 0, hidden);
    b = w12.narrow(0, hidden, hidden);
    aBias = b12.narrow(0, 0, hidden);
    bBias = b12.narrow(0, hidden, hidden);
  }
};

/// Scratch of one thread: tiles of a, b and g (or dg), used again for every tile.
struct Scratch {
  explicit Scratch(const Tensor& like, const Tiling& tiling) {
    const auto size = tiling.rowTile * std::min(kColumns, tiling.columns);
    a = at::empty({size}, like.options());
    b = at::empty({size}, like.options());
    g = at::empty({size}, like.options());
  }
  static Tensor shaped(const Tensor& flat, std::int64_t rows, std::int64_t columns) {
    return flat.narrow(0, 0, rows * columns).view({rows, columns});
  }
  Tensor a, b, g;
};

/// a and b of one tile: the first matrix product.
struct Hidden {
  Tensor a, b, g;
  float *aData, *bData, *gData;
  Hidden(const Scratch& scratch, const Weights& w, const Tensor& x, std::int64_t begin, std::int64_t columns)
      : a(Scratch::shaped(scratch.a, x.size(0), columns)),
        b(Scratch::shaped(scratch.b, x.size(0), columns)),
        g(Scratch::shaped(scratch.g, x.size(0), columns)) {
    at::addmm_out(a, w.aBias.narrow(0, begin, columns), x, w.a.narrow(0, begin, columns).t());
    at::addmm_out(b, w.bBias.narrow(0, begin, columns), x, w.b.narrow(0, begin, columns).t());
    aData = a.data_ptr<float>();
    bData = b.data_ptr<float>();
    gData = g.data_ptr<float>();
  }
};

/// Runs work(tile, thread) for every row tile, each thread a contiguous run of tiles: the same threads, the same sums.
template <typename Work>
void forTiles(const Tiling& tiling, Work work) {
  at::parallel_for(0, tiling.rowTiles, 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard noGrad;
    const at::AutoDispatchBelowADInplaceOrView fast;
    for (auto tile = begin; tile < end; ++tile) work(tile, at::get_thread_num());
  });
}

Tensor forwardTiles(const Tensor& x, const Weights& w, const Tensor& b3) {
  const Tiling tiling(x.size(0), w.out.size(1));
  auto y = at::empty_like(x);
  std::vector<Scratch> scratch(static_cast<std::size_t>(at::get_num_threads()), Scratch(x, Tiling(0, 0)));
  for (auto& one : scratch) one = Scratch(x, tiling);
  forTiles(tiling, [&](std::int64_t tile, int thread) {
    const auto rows = tiling.rowsOf(tile);
    const auto xTile = x.narrow(0, tile * tiling.rowTile, rows);
    auto yTile = y.narrow(0, tile * tiling.rowTile, rows);
    yTile.copy_(b3.expand_as(yTile));
    for (std::int64_t begin = 0; begin < tiling.columns; begin += kColumns) {
      const auto columns = tiling.columnsAt(begin);
      const Hidden h(scratch[static_cast<std::size_t>(thread)], w, xTile, begin, columns);
      kernels::swigluForward(h.aData, h.bData, h.gData, rows, columns);
      yTile.addmm_(h.g, w.out.narrow(1, begin, columns).t());
    }
  });
  return y;
}

/// Gradients that every thread sums for itself.
struct WeightGradients {
  Tensor w12, b12, w3;
  WeightGradients(const Tensor& w12Like, const Tensor& b12Like, const Tensor& w3Like)
      : w12(at::zeros(w12Like.sizes(), w12Like.options())),
        b12(at::zeros_like(b12Like)),
        w3(at::zeros(w3Like.sizes(), w3Like.options())) {}
  void add(const WeightGradients& other) {
    w12.add_(other.w12);
    b12.add_(other.b12);
    w3.add_(other.w3);
  }
};

/// The weights as the narrow kernels take them, and the tensors that keep them in memory.
struct NarrowWeights {
  NarrowWeights(const Tensor& w12, const Tensor& b12, const Tensor& w3)
      : held{w12.contiguous(), b12.contiguous(), w3.contiguous()},
        pointers{held[0].data_ptr<float>(), held[1].data_ptr<float>(), held[2].data_ptr<float>(), w3.size(0),
                 w3.size(1)} {}
  std::array<Tensor, 3> held;
  kernels::SwigluWeights pointers;
};

/// work(first, rows) for each thread's piece of whole tiles.
template <typename Work>
void forNarrowRows(std::int64_t rows, Work work) {
  const auto atOnce = kernels::narrowRows();
  at::parallel_for(0, (rows + atOnce - 1) / atOnce, 1, [&](std::int64_t begin, std::int64_t end) {
    work(begin * atOnce, std::min(end * atOnce, rows) - begin * atOnce);
  });
}

Tensor forwardNarrow(const Tensor& x, const NarrowWeights& weights, const Tensor& b3) {
  const auto& w = weights.pointers;
  // a copy even of one row: contiguous() would be the weight itself
  auto y = b3.expand_as(x).clone(at::MemoryFormat::Contiguous);
  const float* in = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  forNarrowRows(x.size(0), [&](std::int64_t first, std::int64_t rows) {
    kernels::swigluNarrowForward(w, in + first * w.dim, out + first * w.dim, rows);
  });
  return y;
}

Tensor backwardNarrow(const Tensor& x, const Tensor& dy, const NarrowWeights& weights,
                      std::vector<WeightGradients>& sums) {
  const auto& w = weights.pointers;
  auto dx = at::empty_like(x);
  const float *in = x.data_ptr<float>(), *dOut = dy.data_ptr<float>();
  float* dIn = dx.data_ptr<float>();
  forNarrowRows(x.size(0), [&](std::int64_t first, std::int64_t rows) {
    const auto& mine = sums[static_cast<std::size_t>(at::get_thread_num())];
    kernels::swigluNarrowBackward(w, {in + first * w.dim, dOut + first * w.dim, dIn + first * w.dim, rows},
                                  {mine.w12.data_ptr<float>(), mine.b12.data_ptr<float>(), mine.w3.data_ptr<float>()});
  });
  return dx;
}

void backwardColumns(const Hidden& h, const Tensor& x, const Tensor& dy, const Weights& w, std::int64_t begin,
                     Tensor& dx, WeightGradients& sums) {
  const auto columns = h.a.size(1);
  const auto hidden = w.out.size(1);
  at::mm_out(const_cast<Tensor&>(h.g), dy, w.out.narrow(1, begin, columns));  // dg
  float* biasSums = sums.b12.data_ptr<float>();
  kernels::swigluBackward(h.aData, h.bData, h.gData, biasSums + begin, biasSums + hidden + begin, h.a.size(0), columns);
  // From here on a and b hold their gradients and g holds g.
  dx.addmm_(h.a, w.a.narrow(0, begin, columns));
  dx.addmm_(h.b, w.b.narrow(0, begin, columns));
  sums.w12.narrow(0, begin, columns).addmm_(h.a.t(), x);
  sums.w12.narrow(0, hidden + begin, columns).addmm_(h.b.t(), x);
  sums.w3.narrow(1, begin, columns).addmm_(dy.t(), h.g);
}

Tensor backwardTiles(const Tensor& x, const Tensor& dy, const Weights& w, std::vector<WeightGradients>& sums) {
  auto dx = at::zeros_like(x);
  const Tiling tiling(x.size(0), w.out.size(1));
  std::vector<Scratch> scratch;
  for (std::size_t i = 0; i < sums.size(); ++i) scratch.emplace_back(x, tiling);
  forTiles(tiling, [&](std::int64_t tile, int thread) {
    const auto rows = tiling.rowsOf(tile);
    const auto xTile = x.narrow(0, tile * tiling.rowTile, rows);
    const auto dyTile = dy.narrow(0, tile * tiling.rowTile, rows);
    auto dxTile = dx.narrow(0, tile * tiling.rowTile, rows);
    for (std::int64_t begin = 0; begin < tiling.columns; begin += kColumns) {
      const Hidden h(scratch[static_cast<std::size_t>(thread)], w, xTile, begin, tiling.columnsAt(begin));
      backwardColumns(h, xTile, dyTile, w, begin, dxTile, sums[static_cast<std::size_t>(thread)]);
    }
  });
  return dx;
}

bool narrow(const Tensor& w3) { return kernels::isNarrow(w3.size(0), w3.size(1)); }

class SwigluFunction : public torch::autograd::Function<SwigluFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, const Tensor& w12, const Tensor& b12,
                        const Tensor& w3, const Tensor& b3) {
    const auto flat = x.reshape({-1, x.size(-1)}).contiguous();
    ctx->save_for_backward({flat, w12, b12, w3});
    const auto y = narrow(w3) ? forwardNarrow(flat, NarrowWeights(w12, b12, w3), b3)
                              : forwardTiles(flat, Weights(w12, b12, w3), b3);
    return y.view(x.sizes());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list outputs) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &w12 = saved[1], &b12 = saved[2], &w3 = saved[3];
    const auto dy = outputs[0].reshape(x.sizes()).contiguous();
    std::vector<WeightGradients> sums;
    for (int i = 0; i < at::get_num_threads(); ++i) sums.emplace_back(w12, b12, w3);
    const auto dx = narrow(w3) ? backwardNarrow(x, dy, NarrowWeights(w12, b12, w3), sums)
                               : backwardTiles(x, dy, Weights(w12, b12, w3), sums);
    for (std::size_t i = 1; i < sums.size(); ++i) sums[0].add(sums[i]);
    return {dx.view(outputs[0].sizes()), sums[0].w12, sums[0].b12, sums[0].w3, dy.sum(0)};
  }
};

}  // namespace

at::Tensor swigluTiled(const at::Tensor& x, const at::Tensor& w12, const at::Tensor& b12, const at::Tensor& w3,
                       const at::Tensor& b3) {
  return SwigluFunction::apply(x, w12, b12, w3, b3);
}

}  // namespace dw::model
