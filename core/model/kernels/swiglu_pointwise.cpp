// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu_pointwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/swiglu_pointwise.cpp"
#include <hwy/foreach_target.h>  // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include "model/kernels/exponential-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
void forwardAt(D d, const float* a, const float* b, float* g) {
  hn::StoreU(gate(d, hn::LoadU(d, a), hn::LoadU(d, b)), d, g);
}

void forwardTile(const float* a, const float* b, float* g, std::int64_t rows, std::int64_t cols) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  for (std::int64_t r = 0; r < rows; ++r, a += cols, b += cols, g += cols) {
    std::int64_t c = 0;
    for (; c + lanes <= cols; c += lanes) forwardAt(wide, a + c, b + c, g + c);
    for (; c < cols; ++c) forwardAt(single, a + c, b + c, g + c);
  }
}

template <class D>
void backwardAt(D d, float* a, float* b, float* dg, float* daSum, float* dbSum) {
  auto da = hn::LoadU(d, a), db = hn::LoadU(d, b), g = hn::LoadU(d, dg);
  gateGradients(d, da, db, g);
  hn::StoreU(da, d, a);
  hn::StoreU(db, d, b);
  hn::StoreU(g, d, dg);
  hn::StoreU(hn::Add(hn::LoadU(d, daSum), da), d, daSum);
  hn::StoreU(hn::Add(hn::LoadU(d, dbSum), db), d, dbSum);
}

void backwardTile(float* a, float* b, float* dg, float* daSum, float* dbSum, std::int64_t rows, std::int64_t cols) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  for (std::int64_t r = 0; r < rows; ++r, a += cols, b += cols, dg += cols) {
    std::int64_t c = 0;
    for (; c + lanes <= cols; c += lanes) backwardAt(wide, a + c, b + c, dg + c, daSum + c, dbSum + c);
    for (; c < cols; ++c) backwardAt(single, a + c, b + c, dg + c, daSum + c, dbSum + c);
  }
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dw::model::kernels {

HWY_EXPORT(forwardTile);
HWY_EXPORT(backwardTile);

void swigluForward(const float* a, const float* b, float* g, std::int64_t rows, std::int64_t cols) {
  HWY_DYNAMIC_DISPATCH(forwardTile)(a, b, g, rows, cols);
}

void swigluBackward(float* a, float* b, float* dg, float* daSum, float* dbSum, std::int64_t rows, std::int64_t cols) {
  HWY_DYNAMIC_DISPATCH(backwardTile)(a, b, dg, daSum, dbSum, rows, cols);
}

}  // namespace dw::model::kernels
#endif
