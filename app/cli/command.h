// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

#include "base/error.h"

namespace dw::cli {

/// Exit codes of dwb, as app/cli/README.md lists them.
enum ExitCode : int { kDone = 0, kUsage = 2, kBadData = 3, kFailed = 4, kInterrupted = 130 };

/// The sentence and its remedy on stderr.
void printError(const Error& error);

/// One subcommand: declares its options on the parser and hands back what to run when it is the one chosen.
/// A new subcommand is one file with such a function and one line in main.cpp's table.
using Declare = std::function<int()> (*)(CLI::App& parser);

std::function<int()> declareTrain(CLI::App& parser);
std::function<int()> declareInspect(CLI::App& parser);
std::function<int()> declareConvert(CLI::App& parser);
std::function<int()> declareDoctor(CLI::App& parser);
std::function<int()> declareNoise(CLI::App& parser);
std::function<int()> declareSample(CLI::App& parser);
std::function<int()> declarePredict(CLI::App& parser);
std::function<int()> declareGolden(CLI::App& parser);
std::function<int()> declareRuns(CLI::App& parser);

}  // namespace dw::cli
