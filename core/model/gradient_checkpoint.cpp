// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/gradient_checkpoint.h"

#include <utility>

#include "model/low_precision.h"

namespace dw::model {

namespace {

using Compute = std::function<torch::Tensor(const std::vector<torch::Tensor>&)>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Job : torch::CustomClassHolder {
  Compute compute;
  std::size_t inputCount = 0;
  bool lowPrecision = false;  ///< of the forward pass: the second one must be like it
};

/// Copies that share storage but start a graph of their own.
variable_list detachedCopies(const variable_list& tensors, std::size_t count) {
  variable_list copies;
  copies.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    copies.push_back(tensors[i].detach().set_requires_grad(tensors[i].requires_grad()));
  }
  return copies;
}

class Recompute : public torch::autograd::Function<Recompute> {
 public:
  /// all = inputs, then parameters: both must be arguments for the graph to reach them.
  static torch::Tensor forward(AutogradContext* ctx, const c10::intrusive_ptr<Job>& job, at::TensorList all) {
    ctx->save_for_backward(all.vec());
    ctx->saved_data["job"] = c10::IValue::make_capsule(job);
    job->lowPrecision = LowPrecision::isOn(all[0].device().type());
    return job->compute(variable_list(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(job->inputCount)));
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradOutputs) {
    const auto job = c10::static_intrusive_pointer_cast<Job>(ctx->saved_data["job"].toCapsule());
    const auto saved = ctx->get_saved_variables();
    const auto inputs = detachedCopies(saved, job->inputCount);

    torch::Tensor output;
    {
      const torch::AutoGradMode enable(true);
      const LowPrecision precision(inputs[0].device().type(), job->lowPrecision);
      output = job->compute(inputs);
    }
    variable_list wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < saved.size(); ++i) {
      const auto& source = i < inputs.size() ? inputs[i] : saved[i];
      if (!source.requires_grad()) continue;
      wanted.push_back(source);
      places.push_back(i);
    }
    const auto grads = torch::autograd::grad({output}, wanted, gradOutputs, /*retain_graph=*/false,
                                             /*create_graph=*/false, /*allow_unused=*/true);
    variable_list result(saved.size() + 1);  // the first belongs to the job, which has no gradient
    for (std::size_t i = 0; i < grads.size(); ++i) result[places[i] + 1] = grads[i];
    return result;
  }
};

}  // namespace

torch::Tensor checkpointed(Compute compute, const std::vector<torch::Tensor>& inputs,
                           const std::vector<torch::Tensor>& parameters) {
  // Autograd functions take defined tensors only: the gaps are closed here and opened again for compute.
  variable_list all;
  std::vector<bool> present;
  for (const auto& input : inputs) {
    present.push_back(input.defined());
    if (input.defined()) all.push_back(input);
  }
  auto job = c10::make_intrusive<Job>();
  job->inputCount = all.size();
  job->compute = [compute = std::move(compute), present](const variable_list& given) {
    variable_list full(present.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < present.size(); ++i) {
      if (present[i]) full[i] = given[next++];
    }
    return compute(full);
  };
  all.insert(all.end(), parameters.begin(), parameters.end());
  return Recompute::apply(job, at::TensorList(all));
}

}  // namespace dw::model
