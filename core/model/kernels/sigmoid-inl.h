// SPDX-License-Identifier: GPL-3.0-or-later
// Included once for each instruction set, which is why the guard toggles (Google Highway's way).
#if defined(DWB_MODEL_KERNELS_SIGMOID_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DWB_MODEL_KERNELS_SIGMOID_INL_H
#undef DWB_MODEL_KERNELS_SIGMOID_INL_H
#else
#define DWB_MODEL_KERNELS_SIGMOID_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// 1 / (1 + exp(-a)), to 3e-7 of itself; 0 below -87. NaN may come out as a number: SiLU multiplies by a, which keeps it.
/// exp(-a) = 2^(n + f) with whole n and |f| <= 1/2; 2^f is the polynomial of degree 5 whose largest relative error is
/// smallest (7.5e-8, found by reweighted least squares). Half as many instructions as hn::Exp, which also gets denormal
/// results right; a step spends up to a fifth of its time here.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V a) {
  const hn::RebindToSigned<D> whole;
  const auto lowest = hn::Set(d, -87.0F), one = hn::Set(d, 1.0F);
  const auto x = hn::Min(hn::Max(a, lowest), hn::Set(d, 87.0F));
  const auto n = hn::Round(hn::Mul(x, hn::Set(d, -1.44269502F)));
  auto f = hn::NegMulSub(x, hn::Set(d, 1.44269502F), n);
  f = hn::NegMulAdd(x, hn::Set(d, 1.92596299e-8F), f);  // what float32 leaves of log2(e)
  auto p = hn::MulAdd(f, hn::Set(d, 0.00132764715F), hn::Set(d, 0.00967554133F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.0555071327F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.240221197F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.693146967F));
  p = hn::MulAdd(p, f, hn::Set(d, 1.00000007F));
  const auto powerOfTwo = hn::ShiftLeft<23>(hn::ConvertTo(whole, n));  // as it is added to the exponent
  const auto exponential = hn::BitCast(d, hn::Add(hn::BitCast(whole, p), powerOfTwo));
  return hn::IfThenZeroElse(hn::Lt(a, lowest), hn::Div(one, hn::Add(one, exponential)));
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
