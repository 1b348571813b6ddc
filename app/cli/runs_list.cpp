// SPDX-License-Identifier: GPL-3.0-or-later
// dwb runs list | show | diff: looking only.
#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/text_format.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/runs_command.h"
#include "run_folder/run_folder.h"
#include "run_library/recipe_difference.h"
#include "run_library/run_catalog.h"
#include "run_library/run_json.h"

namespace dw::cli {
namespace {

std::string lossText(const std::optional<double>& loss) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", loss.value_or(0.0));
  return loss ? text : "-";
}

void printTable(const std::vector<run_library::RunSummary>& all) {
  int width = 4;
  for (const auto& run : all) width = std::max(width, static_cast<int>(run.name.size()));
  std::printf("%-*s  %-12s  %19s  %8s  %8s  %7s  %s\n", width, "run", "state", "steps", "loss", "best", "size",
              "created");
  for (const auto& run : all) {
    const auto steps = std::to_string(run.stepsDone) + " of " + std::to_string(run.stepsPlanned);
    std::printf("%-*s  %-12s  %19s  %8s  %8s  %7s  %s%s\n", width, run.name.c_str(), nameOf(run.state), steps.c_str(),
                lossText(run.smoothedLoss ? run.smoothedLoss : run.lastLoss).c_str(), lossText(run.bestLoss).c_str(),
                run.bytes ? sizeText(*run.bytes).c_str() : "-", dateText(run.created).c_str(),
                run.archived ? "  archived" : "");
    if (!run.missing.empty()) std::printf("%*s  %s\n", width, "", run.missing.c_str());
  }
}

int list(const RunsOptions& o, bool archived) {
  auto all = run_library::RunCatalog(o.runs()).list();
  if (!archived) std::erase_if(all, [](const auto& run) { return run.archived; });
  if (o.json) {
    for (const auto& run : all) printLine(run_library::toJson(run));
    return kDone;
  }
  if (all.empty())
    std::fprintf(stderr, "no runs in %s\n", o.runs().c_str());
  else
    printTable(all);
  return kDone;
}

int show(const RunsOptions& o) {
  const auto facts = run_library::describeRun(o.find(o.names[0]));
  if (o.json)
    printLine(facts);
  else
    printText(facts);
  return facts.contains("missing") ? kBadData : kDone;
}

int diff(const RunsOptions& o) {
  const auto a = run_folder::readDescription(o.find(o.names[0])), b = run_folder::readDescription(o.find(o.names[1]));
  auto difference = run_library::differenceOf(a.recipe, b.recipe);
  for (const auto& d : difference) {
    if (o.json)
      printLine({{"key", d.key}, {"a", d.a}, {"b", d.b}});
    else
      std::printf("%-28s %-20s %s\n", d.key.c_str(), d.a.c_str(), d.b.c_str());
  }
  std::fprintf(stderr, "%s%s\n", run_library::sentenceOf(difference).c_str(),
               a.data == b.data ? "" : "; they were trained on different data");
  return kDone;
}

}  // namespace

std::function<int()> declareRunsList(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto archived = std::make_shared<bool>(false);
  addRunsOptions(parser, *o, Names::None);
  parser.add_flag("--all", *archived, "those in the archive too");
  return [o, archived] { return list(*o, *archived); };
}

std::function<int()> declareRunsShow(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  addRunsOptions(parser, *o, Names::One);
  return [o] { return show(*o); };
}

std::function<int()> declareRunsDiff(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  addRunsOptions(parser, *o, Names::Two);
  return [o] { return diff(*o); };
}

}  // namespace dw::cli
