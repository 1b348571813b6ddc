// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/scaled_sum.h"

#include <ATen/ExpandUtils.h>

namespace dw::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// torch::addcmul without its constant: on the way back that costs two more launches, one over all tokens.
class SumOnGpu : public torch::autograd::Function<SumOnGpu> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& base, const torch::Tensor& value,
                               const torch::Tensor& factor) {
    context->save_for_backward({value, factor});
    context->saved_data["base"] = base.sizes().vec();
    return torch::addcmul(base, value, factor);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &gradient = gradients[0], &value = saved[0], &factor = saved[1];
    variable_list result(3);
    if (context->needs_input_grad(0)) result[0] = at::sum_to(gradient, context->saved_data["base"].toIntVector());
    if (context->needs_input_grad(1)) result[1] = at::sum_to(gradient * factor, value.sizes());
    if (context->needs_input_grad(2)) result[2] = at::sum_to(gradient * value, factor.sizes());
    return result;
  }
};

}  // namespace

torch::Tensor scaledSum(const torch::Tensor& base, const torch::Tensor& value, const torch::Tensor& factor) {
  return value.is_cuda() ? SumOnGpu::apply(base, value, factor) : torch::addcmul(base, value, factor);
}

}  // namespace dw::model
