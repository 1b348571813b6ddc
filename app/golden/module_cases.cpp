// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cstdio>
#include <string_view>

#include "base/error.h"
#include "golden/cases.h"
#include "golden/gradient_case.h"
#include "model/axial_positions.h"
#include "model/patch_embed.h"
#include "model/timestep_embedding.h"
#include "model/transformer_block.h"

// Sizes are read from the shapes of the stored state, so that a case of other sizes runs too.

namespace dw::golden {

namespace {

std::int64_t stateSize(const Case& golden, const std::string& name, std::int64_t axis) {
  return golden.tensor("state." + name).size(axis);
}

/// An input, or an undefined tensor where the case has none.
torch::Tensor input(const PrecisionRun& run, const std::string& name) {
  const auto found = run.inputs.find(name);
  return found == run.inputs.end() ? torch::Tensor() : found->second;
}

/// A module with the state of the case, in the precision of the run.
template <typename M>
std::shared_ptr<M> loaded(std::shared_ptr<M> module, const Case& golden, const PrecisionRun& run) {
  loadState(*module, golden, run.dtype);
  return module;
}

/// Backward pass of sum_K <out_K, cotangent_K>, then all gradients.
void finish(const Case& golden, torch::nn::Module* module, PrecisionRun& run) {
  torch::Tensor sum = torch::zeros({}, torch::TensorOptions(golden.device).dtype(run.dtype));
  for (const auto& [name, cotangent] : golden.tensorsUnder("cotangent.")) {
    const auto found = run.outputs.find(name);
    if (found == run.outputs.end()) throw Error(ErrorKind::BadData, golden.fullName() + ": no output " + name);
    sum = sum + (found->second * cotangent.to(golden.device, run.dtype)).sum();
  }
  sum.backward();
  collectGradients(module, run);
}

void runNorm(const Case& golden, PrecisionRun& run) {
  const bool dyt = golden.has("state.in_weight");
  const auto dim = stateSize(golden, dyt ? "in_weight" : "weight", 0);
  const auto m =
      loaded(std::make_shared<model::Norm>(dyt ? model::NormKind::Dyt : model::NormKind::Rms, dim), golden, run);
  run.outputs = {{"y", m->forward(input(run, "x"))}};
  finish(golden, m.get(), run);
}

void runAdaln(const Case& golden, PrecisionRun& run) {
  const bool dyt = golden.has("state.norm.in_weight"), shared = golden.has("in.scale");
  const auto dim = stateSize(golden, dyt ? "norm.in_weight" : "norm.weight", 0);
  const auto kind = dyt ? model::NormKind::Dyt : model::NormKind::Rms;
  const auto m = loaded(std::make_shared<model::ModulatedNorm>(kind, dim, shared), golden, run);
  model::Modulation given;
  if (shared) given = {input(run, "scale") + 1, input(run, "shift"), input(run, "gate") + 1};
  const auto out = m->forward(input(run, "x"), input(run, "y"), shared ? &given : nullptr);
  run.outputs = {{"y", out.h}, {"gate", out.onePlusGate}};
  finish(golden, m.get(), run);
}

void runSharedNet(const Case& golden, PrecisionRun& run) {
  auto m = model::makeSharedModulationNet(stateSize(golden, "0.weight", 0));
  loadState(*m, golden, run.dtype);
  run.outputs = {{"y", m->forward(input(run, "x"))}};
  finish(golden, m.ptr().get(), run);
}

void runRope(const Case& golden, PrecisionRun& run) {
  const auto x = input(run, "x");
  const auto m = loaded(std::make_shared<model::AxialRope>(x.size(1), x.size(3)), golden, run);
  run.outputs = {{"y", m->forward(x, input(run, "pos"))}};
  finish(golden, m.get(), run);
}

void runSelfAttention(const Case& golden, PrecisionRun& run) {
  const auto dim = stateSize(golden, "out.weight", 0);
  const auto headSize = dim / stateSize(golden, "rope.freqs", 0);
  const auto m = loaded(std::make_shared<model::SelfAttention>(dim, headSize), golden, run);
  run.outputs = {{"y", m->forward(input(run, "x"), input(run, "pos_map"), input(run, "mask"))}};
  finish(golden, m.get(), run);
}

void runCrossAttention(const Case& golden, PrecisionRun& run) {
  const auto dim = stateSize(golden, "out.weight", 0);
  const auto headSize = dim / stateSize(golden, "rope.freqs", 0);
  const auto m =
      loaded(std::make_shared<model::CrossAttention>(dim, stateSize(golden, "kv.weight", 1), headSize), golden, run);
  run.outputs = {{"y", m->forward(input(run, "x"), input(run, "ctx"), input(run, "pos_map"), input(run, "ctx_pos_map"),
                                  input(run, "mask"))}};
  finish(golden, m.get(), run);
}

void runSwiglu(const Case& golden, PrecisionRun& run) {
  const auto dim = stateSize(golden, "w12.weight", 1), hidden = stateSize(golden, "w3.weight", 1);
  const auto m = loaded(std::make_shared<model::SwiGlu>(dim, hidden), golden, run);
  run.outputs = {{"y", m->forward(input(run, "x"))}};
  finish(golden, m.get(), run);
}

void runTimestepEmbedding(const Case& golden, PrecisionRun& run) {
  const auto m = loaded(std::make_shared<model::TimestepEmbedding>(stateSize(golden, "proj.0.weight", 0)), golden, run);
  run.outputs = {{"y", m->forward(input(run, "t"))}};
  finish(golden, m.get(), run);
}

void runPatchEmbed(const Case& golden, PrecisionRun& run) {
  const auto& weight = golden.tensor("state.proj.weight");
  const auto m =
      loaded(std::make_shared<model::PatchEmbed>(weight.size(2), weight.size(1), weight.size(0)), golden, run);
  const auto out = m->forward(input(run, "x"), input(run, "pos_map"));
  run.outputs = {{"tokens", out.x}, {"pos", out.pos}};
  finish(golden, m.get(), run);
}

void runUnpatch(const Case& golden, PrecisionRun& run) {
  const auto& c = golden.manifest.at("config");
  const auto p = c.at("patch_size").get<std::int64_t>();
  const auto m = loaded(std::make_shared<model::UnPatch>(p, c.at("out_channels").get<std::int64_t>(),
                                                         stateSize(golden, "proj.weight", 1)),
                        golden, run);
  const auto y = m->forward(input(run, "x"), c.at("h").get<std::int64_t>() / p, c.at("w").get<std::int64_t>() / p);
  run.outputs = {{"y", y}};
  finish(golden, m.get(), run);
}

void runBlock(const Case& golden, PrecisionRun& run) {
  config::ModelSettings s;
  s.dim = stateSize(golden, "mlp.w12.weight", 1);
  s.mlpDim = stateSize(golden, "mlp.w3.weight", 1);
  s.dimHead = s.dim / stateSize(golden, "attn.rope.freqs", 0);
  s.sharedAdaln = !golden.has("state.attn_pre_norm.adaln.weight");
  s.useDyt = golden.has("state.attn_pre_norm.norm.in_weight");
  const auto contextDim = golden.has("state.xattn.kv.weight") ? stateSize(golden, "xattn.kv.weight", 1) : 0;
  const auto m = loaded(std::make_shared<model::TransformerBlock>(s, contextDim), golden, run);
  const model::BlockInputs in{input(run, "y"), nullptr, input(run, "pos_map"), input(run, "ctx"),
                              input(run, "ctx_pos_map")};
  run.outputs = {{"y", m->forward(input(run, "x"), in)}};
  finish(golden, m.get(), run);
}

/// out.pos_HxW[_ac][_parP]: positions of a grid; out.crop_H_W_row_column: a square window of one.
torch::Tensor positionsNamed(const std::string& name, const torch::TensorOptions& options) {
  long long a = 0, b = 0, row = 0, column = 0;
  if (std::sscanf(name.c_str(), "crop_%lld_%lld_%lld_%lld", &a, &b, &row, &column) == 4) {
    return model::squareCropPositions(a, b, row, column, options);
  }
  if (std::sscanf(name.c_str(), "pos_%lldx%lld", &a, &b) != 2) return {};
  model::GridOptions grid;
  grid.alignCorners = name.find("_ac") != name.npos;
  if (const auto par = name.find("_par"); par != name.npos) grid.pixelAspectRatio = std::stod(name.substr(par + 4));
  return model::gridPositions(a, b, options, grid);
}

void runAxialPositions(const Case& golden, PrecisionRun& run) {
  const auto options = torch::TensorOptions(golden.device).dtype(run.dtype);
  for (const auto& [name, expected] : golden.tensorsUnder("out.")) run.outputs[name] = positionsNamed(name, options);
}

struct Piece {
  std::string_view prefix;  ///< of the case's name; the first that fits counts
  void (*run)(const Case&, PrecisionRun&);
};

constexpr std::array<Piece, 13> kPieces{{{"adaln", runAdaln},
                                         {"axial_pos", runAxialPositions},
                                         {"axial_rope", runRope},
                                         {"block", runBlock},
                                         {"cross_attention", runCrossAttention},
                                         {"dyt", runNorm},
                                         {"rmsnorm", runNorm},
                                         {"patch_embed", runPatchEmbed},
                                         {"self_attention", runSelfAttention},
                                         {"shared_adaln_net", runSharedNet},
                                         {"swiglu", runSwiglu},
                                         {"timestep_embedding", runTimestepEmbedding},
                                         {"unpatch", runUnpatch}}};

}  // namespace

Outcome runModule(const Case& golden, TensorSink* computed) {
  Comparison comparison(golden.fullName());
  for (const auto& piece : kPieces) {
    if (!std::string_view(golden.name).starts_with(piece.prefix)) continue;
    for (const auto dtype : {torch::kFloat64, torch::kFloat32}) {
      auto run = preparedRun(golden, dtype);
      piece.run(golden, run);
      compareRun(golden, run, comparison);
      addToSink(run, computed);
    }
    return comparison.outcome();
  }
  comparison.fail("there is no piece of the model of this name");
  return comparison.outcome();
}

}  // namespace dw::golden
