// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "golden/golden_case.h"

namespace dw::golden {

/// Runs one case of a section.
using CaseFunction = Outcome (*)(const Case& golden, TensorSink* computed);

struct Section {
  std::string name;  ///< folder, e.g. "xudit"
  CaseFunction run;
};

/// The one table of sections. A new section is one line here.
const std::vector<Section>& sections();

/// Names that may be missing: "sampler/ddpm_a" or "sampler/*", one a line; empty lines and lines with # are skipped.
std::set<std::string> readNotYet(const std::filesystem::path& file);

struct Options {
  std::filesystem::path outDir;  ///< every computed tensor goes to outDir/SECTION/CASE.safetensors; empty = nowhere
  std::set<std::string> notYet;  ///< excused while no section runs them
  std::string only;              ///< only cases whose full name begins with this; empty = all
  at::Device device{at::kCPU};   ///< where models and optimizers run; schedules and samplers compute on the CPU
};

struct Totals {
  int passed = 0, failed = 0, notYet = 0;
};

struct Report {
  Outcome outcome;
  bool notYet = false;  ///< nothing ran: the name stands in Options::notYet
};

/// Runs EVERY case of folder/index.json, then every interop file of folder/interop/files.json, in that order. A case that
/// no section runs fails by name unless it is excused; a case that throws fails with the error's sentence. Throws Error only
/// if the index cannot be read.
Totals runGolden(const std::filesystem::path& folder, const Options& options,
                 const std::function<void(const Report&)>& each);

}  // namespace dw::golden
