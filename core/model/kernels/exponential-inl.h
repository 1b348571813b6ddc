// SPDX-License-Identifier: GPL-3.0-or-later
// Included once for each instruction set, which is why the guard toggles (Google Highway's way).
#if defined(DWB_MODEL_KERNELS_EXPONENTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DWB_MODEL_KERNELS_EXPONENTIAL_INL_H
#undef DWB_MODEL_KERNELS_EXPONENTIAL_INL_H
#else
#define DWB_MODEL_KERNELS_EXPONENTIAL_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dw::model::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr float kExponentialEnd = 87.0F;  // exp(-87) is just above the smallest normal number

constexpr float kLog2E = 1.44269502F;

/// 2^(factor x), where |factor x| <= kExponentialEnd kLog2E, to 2e-7 of itself (3e-6 on processors that cannot multiply and add
/// at once). 2^(n + f) with whole n and |f| <= 1/2; 2^f is the polynomial of degree 5 whose largest relative error is smallest
/// (7.5e-8, found by reweighted least squares). A NaN that arithmetic made stays one. With kLog2E it is exp(x), to
/// 2e-7 + 1.4e-8 |x|: what float32 leaves of log2(e) would cost one more addition and only shows in results that are next to
/// nothing. A third of the instructions of hn::Exp, which also gets denormal results right; a step spends up to a fifth of its
/// time here.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V powerOfTwo(D d, V x, float factor) {
  const hn::RebindToSigned<D> whole;
  // 1.5 * 2^23: numbers near it have no fraction, and n as their lowest bits
  const auto rounding = hn::Set(d, 12582912.0F);
  const auto rounded = hn::MulAdd(x, hn::Set(d, factor), rounding);
  const auto f = hn::MulSub(x, hn::Set(d, factor), hn::Sub(rounded, rounding));
  auto p = hn::MulAdd(f, hn::Set(d, 0.00132764715F), hn::Set(d, 0.00967554133F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.0555071327F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.240221197F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.693146967F));
  p = hn::MulAdd(p, f, hn::Set(d, 1.00000007F));
  const auto n = hn::ShiftLeft<23>(hn::BitCast(whole, rounded));  // where the exponent is
  return hn::BitCast(d, hn::Add(hn::BitCast(whole, p), n));
}

/// exp(x) for x <= 0; 0 below -kExponentialEnd, whatever comes of it there. NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exponentialOfNegative(D d, V x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -kExponentialEnd)), powerOfTwo(d, x, kLog2E));
}

/// 1 / (1 + exp(-a)); 0 below -kExponentialEnd. NaN may come out as a number: SiLU multiplies by a, which keeps it.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V a) {
  const auto end = hn::Set(d, kExponentialEnd), one = hn::Set(d, 1.0F);
  const auto e = powerOfTwo(d, hn::Min(end, a), -kLog2E);
  return hn::IfThenZeroElse(hn::Lt(a, hn::Neg(end)), hn::Div(one, hn::Add(one, e)));
}

// The pointwise middle of SwiGLU, g = SiLU(a) b.

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gate(D d, V a, V b) {
  return hn::Mul(hn::Mul(a, sigmoid(d, a)), b);
}

/// a, b and dg, the gradient of g, become da, db and g. With s = sigmoid(a): da = dg b s (1 + a (1 - s)), db = dg a s.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void gateGradients(D d, V& a, V& b, V& dg) {
  const auto s = sigmoid(d, a), silu = hn::Mul(a, s);
  const auto slope = hn::MulAdd(silu, hn::Sub(hn::Set(d, 1.0F), s), s);  // s (1 + a (1 - s)) = s + silu (1 - s)
  const auto da = hn::Mul(hn::Mul(dg, b), slope), db = hn::Mul(dg, silu);
  dg = hn::Mul(silu, b);
  a = da;
  b = db;
}

}  // namespace dw::model::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
