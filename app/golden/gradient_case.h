// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "golden/comparison.h"
#include "golden/golden_case.h"
#include "model/xudit.h"

namespace dw::golden {

using Named = std::map<std::string, torch::Tensor>;

/// One run of a case in one precision: what it needs and what it computed.
struct PrecisionRun {
  torch::ScalarType dtype = torch::kFloat64;
  /// in.*, on the case's device, floating ones cast to dtype; those with a golden gradient require one
  Named inputs;
  Named outputs;    ///< by the names of out.*
  Named gradients;  ///< by the names of grad.* / grad32.*; undefined = no gradient reached it
  Named inputGradients;
};

/// What a pass of XUDiT takes beside x and t, by the names of golden inputs; call: tread_rate, return_enc_out.
model::ForwardExtras extrasOf(const nlohmann::json& call, const Named& inputs);

/// Inputs of a case in one precision.
PrecisionRun preparedRun(const Case& golden, torch::ScalarType dtype);

/// Copies state.* into a module's parameters and buffers of the same names, which it first casts to dtype and brings to the
/// case's device. Throws Error if a
/// name or shape is missing on either side.
void loadState(torch::nn::Module& module, const Case& golden, torch::ScalarType dtype);

/// Collects gradients of the module's parameters and of the inputs after a backward pass.
void collectGradients(torch::nn::Module* module, PrecisionRun& run);

/// Compares a run with everything the case lists. Parameter gradients that a case stores as float32 only (grad32.*) are
/// compared at 1e-6 in the float64 run. Every result that the case names must have been computed.
void compareRun(const Case& golden, const PrecisionRun& run, Comparison& comparison);

/// Hands what a run computed to a sink (may be null) under the golden names.
void addToSink(const PrecisionRun& run, TensorSink* computed);

}  // namespace dw::golden
