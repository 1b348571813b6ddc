// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run_library/metrics_export.h"

namespace dw::cli {

/// What the subcommands of `dwb runs` share.
struct RunsOptions {
  std::string folder;              ///< of the runs; empty = the default
  std::vector<std::string> names;  ///< names or paths of runs
  bool json = false;

  std::filesystem::path runs() const;
  std::filesystem::path find(const std::string& name) const;
};

/// --folder, --json and the runs that are named. o must live as long as the parser.
enum class Names { None, One, Two, Some };
void addRunsOptions(CLI::App& parser, RunsOptions& o, Names names);

/// "2026-11-24 02:13" of the local time; "-" for 0.
std::string dateText(std::int64_t seconds);

/// From now on Ctrl-C stops what asks this, at a place where nothing is left behind. Shows progress on a terminal.
run_library::ShouldContinue untilStopped(const char* activity);
bool wasStopped();

std::function<int()> declareRunsList(CLI::App& parser);
std::function<int()> declareRunsShow(CLI::App& parser);
std::function<int()> declareRunsDiff(CLI::App& parser);
std::function<int()> declareRunsVerify(CLI::App& parser);
std::function<int()> declareRunsPrune(CLI::App& parser);
std::function<int()> declareRunsNote(CLI::App& parser);
std::function<int()> declareRunsRename(CLI::App& parser);
std::function<int()> declareRunsTrash(CLI::App& parser);
std::function<int()> declareRunsExport(CLI::App& parser);
std::function<int()> declareRunsImport(CLI::App& parser);

}  // namespace dw::cli
