// SPDX-License-Identifier: GPL-3.0-or-later
// dwb runs export | import.
#include <cstdio>

#include "base/error.h"
#include "cli/command.h"
#include "cli/runs_command.h"
#include "runs/run_archive.h"

namespace dw::cli {
namespace {

namespace fs = std::filesystem;

int report(const RunsOptions& o, const runs::Transferred& done) {
  if (wasStopped() || done.cancelled) {
    std::fprintf(stderr, "stopped; nothing was left behind\n");
    return kInterrupted;
  }
  for (const auto& sentence : done.leftOut) std::fprintf(stderr, "left out: %s\n", sentence.c_str());
  if (o.json) printLine({{"path", done.path.string()}, {"left_out", done.leftOut}});
  else std::printf("%s\n", done.path.c_str());
  return kDone;
}

/// The ending of OUT says what is wanted.
int exportTo(const RunsOptions& o, const fs::path& out) {
  const auto run = o.find(o.names[0]);
  const auto goOn = untilStopped("writing");
  const auto name = out.filename().string();
  const auto ending = out.extension();
  if (ending == ".zip" || ending == ".dwbrun") return report(o, runs::exportRun(run, out, goOn));
  runs::Transferred done{.cancelled = false, .path = out, .leftOut = {}};
  if (ending == ".csv") {
    done.cancelled = !runs::exportCsv(run, out, goOn);
    return report(o, done);
  }
  std::error_code absent;
  const bool folder = fs::is_directory(out, absent) || !out.has_extension() || name.empty();
  if (!folder && name.find(".tfevents") == std::string::npos) {
    throw Error(ErrorKind::Usage, "'" + name + "' does not say what to write",
                "end it in .zip or .dwbrun (the whole run), .csv, or .tfevents; a folder is for TensorBoard too");
  }
  done.cancelled = !runs::exportTensorBoard(run, out, goOn);
  return report(o, done);
}

}  // namespace

std::function<int()> declareRunsExport(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto out = std::make_shared<std::string>();
  addRunsOptions(parser, *o, Names::One);
  parser.add_option("out", *out, "RUN.zip or RUN.dwbrun: the whole run; FILE.csv; a folder or FILE.tfevents: for TensorBoard")->required();
  return [o, out] { return exportTo(*o, *out); };
}

std::function<int()> declareRunsImport(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto file = std::make_shared<std::string>();
  parser.add_option("file", *file, "what dwb runs export wrote (.zip or .dwbrun)")->required();
  addRunsOptions(parser, *o, Names::None);
  return [o, file] { return report(*o, runs::importRun(*file, o->runs(), untilStopped("unpacking"))); };
}

}  // namespace dw::cli
