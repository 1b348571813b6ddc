// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/gradient_case.h"

#include "base/error.h"

namespace dw::golden {

namespace {

/// Rounding the stored gradient to float32 costs up to 6e-8 of the largest entry; the README of the cases asks for 1e-6.
constexpr double kGradStoredAsFloat32 = 1e-6;

bool isDouble(const PrecisionRun& run) { return run.dtype == torch::kFloat64; }

/// tolerance.KIND.PRECISION.rel_max; modules without kinds (axial_pos) have tolerance.PRECISION.rel_max.
double toleranceOf(const Case& golden, const char* kind, const char* precision) {
  const auto& all = golden.manifest.at("tolerance");
  return (all.contains(kind) ? all.at(kind) : all).at(precision).at("rel_max").get<double>();
}

/// Compares each golden tensor under prefix with ours of the same name.
void compareGroup(const Case& golden, const PrecisionRun& run, const std::string& prefix, const Named& ours,
                  const char* kind, Comparison& comparison) {
  const char* precision = isDouble(run) ? "float64" : "float32";
  for (const auto& [name, expected] : golden.tensorsUnder(prefix)) {
    const bool rounded = isDouble(run) && prefix == "grad32.";
    const double tolerance = rounded ? kGradStoredAsFloat32 : toleranceOf(golden, kind, precision);
    const auto found = ours.find(name);
    auto value = found == ours.end() ? torch::Tensor() : found->second;
    // Autograd leaves out a gradient that nothing reached: that is a zero, if the parameter exists.
    if (!value.defined() && found != ours.end()) value = torch::zeros_like(expected);
    comparison.check(std::string(precision) + " " + prefix + name, value, expected, tolerance);
  }
}

}  // namespace

PrecisionRun preparedRun(const Case& golden, torch::ScalarType dtype) {
  PrecisionRun run;
  run.dtype = dtype;
  for (const auto& [name, value] : golden.tensorsUnder("in.")) {
    const auto type = value.is_floating_point() ? dtype : value.scalar_type();
    auto input = value.to(golden.device, type, /*non_blocking=*/false, /*copy=*/true);
    if (golden.has("gradin." + name)) input.requires_grad_();
    run.inputs.emplace(name, input);
  }
  return run;
}

void loadState(torch::nn::Module& module, const Case& golden, torch::ScalarType dtype) {
  module.to(golden.device, dtype);
  const torch::NoGradGuard noGrad;
  auto state = golden.tensorsUnder("state.");
  const auto load = [&](const std::string& name, torch::Tensor target) {
    const auto found = state.find(name);
    if (found == state.end()) throw Error(ErrorKind::BadData, golden.fullName() + " holds no state." + name);
    if (found->second.sizes() != target.sizes()) {
      throw Error(ErrorKind::BadData, c10::str(golden.fullName(), ": state.", name, " has shape ",
                                               found->second.sizes(), ", ours ", target.sizes()));
    }
    target.copy_(found->second);
    state.erase(found);
  };
  for (const auto& item : module.named_parameters()) load(item.key(), item.value());
  for (const auto& item : module.named_buffers()) load(item.key(), item.value());
  if (!state.empty()) {
    throw Error(ErrorKind::BadData, golden.fullName() + ": our model has no parameter " + state.begin()->first);
  }
}

void collectGradients(torch::nn::Module* module, PrecisionRun& run) {
  if (module != nullptr) {
    for (const auto& item : module->named_parameters()) run.gradients[item.key()] = item.value().grad();
  }
  for (const auto& [name, value] : run.inputs) {
    if (value.requires_grad()) run.inputGradients[name] = value.grad();
  }
}

void compareRun(const Case& golden, const PrecisionRun& run, Comparison& comparison) {
  const bool precise = isDouble(run);
  compareGroup(golden, run, precise ? "out." : "out32.", run.outputs, "out", comparison);
  compareGroup(golden, run, precise ? "gradin." : "gradin32.", run.inputGradients, "gradin", comparison);
  if (precise) compareGroup(golden, run, "grad.", run.gradients, "grad", comparison);
  compareGroup(golden, run, "grad32.", run.gradients, "grad", comparison);
  for (const auto& name : golden.manifest.value("zero_gradients", nlohmann::json::array())) {
    const auto key = name.get<std::string>();
    const auto found = run.gradients.find(key);
    if (found == run.gradients.end()) {
      comparison.fail("the model has no parameter " + key);
    } else {
      comparison.checkZero("gradient of " + key, found->second);
    }
  }
}

void addToSink(const PrecisionRun& run, TensorSink* computed) {
  if (computed == nullptr) return;
  const bool precise = isDouble(run);
  const auto add = [&](const char* prefix, const Named& values) {
    for (const auto& [name, value] : values) {
      if (value.defined()) (*computed)[prefix + name] = value.detach();
    }
  };
  add(precise ? "out." : "out32.", run.outputs);
  add(precise ? "gradin." : "gradin32.", run.inputGradients);
  add(precise ? "grad." : "grad32.", run.gradients);
}

}  // namespace dw::golden
