// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/runs_command.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "base/stop_signal.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "run_folder/run_folder.h"
#include "run_library/run_catalog.h"

namespace dw::cli {
namespace {

struct Row {
  const char* name;
  const char* summary;
  Declare declare;
};

constexpr std::array kRunsCommands{
    Row{"list", "all runs with their states, losses and sizes", declareRunsList},
    Row{"show", "all about one run: how it stands, its recipe, its checkpoints", declareRunsShow},
    Row{"diff", "what differs between the recipes of two runs", declareRunsDiff},
    Row{"verify", "read every byte of a run and compare checkpoints with their hashes", declareRunsVerify},
    Row{"prune", "delete checkpoints beyond the newest ones, the best and the pinned", declareRunsPrune},
    Row{"note", "write or read the note of a run, put it into the archive", declareRunsNote},
    Row{"rename", "give a run another name", declareRunsRename},
    Row{"trash", "move runs to the trash, bring them back, empty the trash", declareRunsTrash},
    Row{"export", "write a run into one file, its weights, or its metrics as CSV or for TensorBoard",
        declareRunsExport},
    Row{"import", "make a run from such a file", declareRunsImport},
};

}  // namespace

std::filesystem::path RunsOptions::runs() const {
  return folder.empty() ? run_folder::defaultRunsFolder() : std::filesystem::path(folder);
}

std::filesystem::path RunsOptions::find(const std::string& name) const { return run_library::findRun(runs(), name); }

void addRunsOptions(CLI::App& parser, RunsOptions& o, Names names) {
  const std::string what = "name or folder of a run";
  if (names == Names::One) {  // not a list: a list would take what stands behind it too
    parser
        .add_option_function<std::string>(
            "run", [&o](const std::string& name) { o.names = {name}; }, what)
        ->required();
  } else if (names != Names::None) {
    auto* option = parser.add_option("run", o.names, what)->required();
    if (names == Names::Two) option->expected(2);
  }
  parser.add_option("--folder", o.folder, "folder of the runs (default: DWB_RUNS, or your data folder)");
  parser.add_flag("--json", o.json, "one JSON object a line on stdout");
}

std::string dateText(std::int64_t seconds) {
  if (seconds == 0) return "-";
  const auto time = static_cast<std::time_t>(seconds);
  std::tm local{};
  localtime_r(&time, &local);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &local)};
}

run_library::ShouldContinue untilStopped(const char* activity) {
  catchStopSignals();
  return [activity, show = errorOutputIsTerminal()](double fraction) {
    if (show)
      std::fprintf(stderr, "\r\033[K%s %.0f %%%s", activity, fraction * 100.0, fraction < 1.0 ? "" : "\r\033[K");
    return stopSignalsSeen() == 0;
  };
}

bool wasStopped() {
  if (errorOutputIsTerminal()) std::fprintf(stderr, "\r\033[K");
  return stopSignalsSeen() > 0;
}

std::function<int()> declareRuns(CLI::App& parser) {
  parser.require_subcommand(1);
  const auto chosen = std::make_shared<std::function<int()>>();
  for (const auto& row : kRunsCommands) {
    auto* command = parser.add_subcommand(row.name, row.summary);
    command->callback([chosen, run = row.declare(*command)] { *chosen = run; });
  }
  return [chosen] { return (*chosen)(); };
}

}  // namespace dw::cli
