// SPDX-License-Identifier: GPL-3.0-or-later
// dwb runs export | import.
#include <cstdio>
#include <optional>

#include "base/error.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/runs_command.h"
#include "run_folder/checkpoint_store.h"
#include "run_library/run_archive.h"
#include "weights/weight_export.h"

namespace dw::cli {
namespace {

namespace fs = std::filesystem;

int report(const RunsOptions& o, const run_library::Transferred& done) {
  if (wasStopped() || done.cancelled) {
    std::fprintf(stderr, "stopped; nothing was left behind\n");
    return kInterrupted;
  }
  for (const auto& sentence : done.leftOut) std::fprintf(stderr, "left out: %s\n", sentence.c_str());
  if (o.json)
    printLine({{"path", done.path.string()}, {"left_out", done.leftOut}});
  else
    std::printf("%s\n", done.path.c_str());
  return kDone;
}

/// What belongs to an export of weights only.
struct WeightOptions {
  weights::WeightExport how;
  std::optional<std::int64_t> step;
  bool given = false;
};

run_folder::CheckpointInfo checkpointOf(const fs::path& run, const std::optional<std::int64_t>& step) {
  const run_folder::CheckpointStore store(run / "checkpoints");
  if (!step) {
    if (const auto newest = store.newestGood()) return *newest;
    throw Error(ErrorKind::BadData, run, "this run has no complete checkpoint whose weights could be exported");
  }
  std::string steps;
  for (const auto& info : store.list()) {
    if (info.step == *step) return info;
    steps += (steps.empty() ? "" : ", ") + std::to_string(info.step);
  }
  throw Error(ErrorKind::Usage, "there is no complete checkpoint of step " + std::to_string(*step),
              steps.empty() ? "the run has none" : "those of this run are of the steps " + steps);
}

int exportWeightsTo(const RunsOptions& o, const WeightOptions& weights, const fs::path& run, const fs::path& out) {
  const auto shouldContinue = untilStopped("writing");
  const auto from = checkpointOf(run, weights.step);
  const bool whole = weights::exportWeights(from.folder, weights.how, out, shouldContinue);
  if (whole && !o.json) std::fprintf(stderr, "the weights of step %lld\n", static_cast<long long>(from.step));
  return report(o, {.cancelled = !whole, .path = out, .leftOut = {}});
}

/// The ending of OUT says what is wanted.
int exportTo(const RunsOptions& o, const WeightOptions& weights, const fs::path& out) {
  const auto run = o.find(o.names[0]);
  if (out.extension() == ".safetensors") return exportWeightsTo(o, weights, run, out);
  if (weights.given) {
    throw Error(ErrorKind::Usage, "--step, --ema, --dtype and --prefix belong to weights",
                "end the file in .safetensors to export weights");
  }
  const auto shouldContinue = untilStopped("writing");
  const auto name = out.filename().string();
  const auto ending = out.extension();
  if (ending == ".zip" || ending == ".dwbrun") return report(o, run_library::exportRun(run, out, shouldContinue));
  run_library::Transferred done{.cancelled = false, .path = out, .leftOut = {}};
  if (ending == ".csv") {
    done.cancelled = !run_library::exportCsv(run, out, shouldContinue);
    return report(o, done);
  }
  std::error_code absent;
  const bool folder = fs::is_directory(out, absent) || !out.has_extension() || name.empty();
  if (!folder && name.find(".tfevents") == std::string::npos) {
    throw Error(
        ErrorKind::Usage, "'" + name + "' does not say what to write",
        "end it in .zip or .dwbrun (the whole run), .safetensors (weights), .csv, or .tfevents; a folder is for TensorBoard too");
  }
  done.cancelled = !run_library::exportTensorBoard(run, out, shouldContinue);
  return report(o, done);
}

}  // namespace

std::function<int()> declareRunsExport(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto out = std::make_shared<std::string>();
  addRunsOptions(parser, *o, Names::One);
  auto weights = std::make_shared<WeightOptions>();
  parser
      .add_option(
          "out", *out,
          "RUN.zip or RUN.dwbrun: the whole run; FILE.safetensors: the weights; FILE.csv; a folder or FILE.tfevents: for TensorBoard")
      ->required();
  parser.add_option("--step", weights->step, "of the weights: the checkpoint to take (default: the newest good one)");
  parser.add_flag("--ema", weights->how.averaged, "of the weights: their average (EMA)");
  parser.add_option("--dtype", weights->how.dtype, "of the weights: f32, f16 or bf16")->capture_default_str();
  parser.add_option("--prefix", weights->how.prefix, "of the weights: put before each name, e.g. model.");
  return [o, out, weights, &parser] {
    for (const char* name : {"--step", "--ema", "--dtype", "--prefix"})
      weights->given = weights->given || parser.count(name) > 0;
    return exportTo(*o, *weights, *out);
  };
}

std::function<int()> declareRunsImport(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto file = std::make_shared<std::string>();
  parser.add_option("file", *file, "what dwb runs export wrote (.zip or .dwbrun)")->required();
  addRunsOptions(parser, *o, Names::None);
  return [o, file] { return report(*o, run_library::importRun(*file, o->runs(), untilStopped("unpacking"))); };
}

}  // namespace dw::cli
