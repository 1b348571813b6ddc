// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/sections.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "golden/cases.h"
#include "golden/interop/interop_cases.h"
#include "golden/optim_cases.h"
#include "golden/sampler_cases.h"
#include "golden/schedule_cases.h"
#include "golden/weight_cases.h"

namespace dw::golden {

namespace {

bool isExcused(const std::set<std::string>& notYet, const std::string& fullName) {
  return notYet.count(fullName) > 0 || notYet.count(fullName.substr(0, fullName.find('/')) + "/*") > 0;
}

CaseFunction functionOf(const std::string& section) {
  for (const auto& known : sections()) {
    if (known.name == section) return known.run;
  }
  return nullptr;
}

Outcome failed(const std::string& name, const std::string& why) {
  Outcome outcome;
  outcome.name = name;
  outcome.detail = why;
  return outcome;
}

/// Whatever a case throws is its failure, not the end of the run.
Outcome runCase(CaseFunction run, const std::filesystem::path& folder, const CaseRef& ref, const Options& options) {
  try {
    TensorSink computed;
    auto golden = readCase(folder / ref.manifest);
    golden.device = options.device;
    auto outcome = run(golden, &computed);
    outcome.name = ref.fullName();
    if (!options.outDir.empty() && !computed.empty()) {
      std::filesystem::create_directories(options.outDir / ref.section);
      writeTensors(options.outDir / ref.section / (ref.name + ".safetensors"), computed);
    }
    return outcome;
  } catch (const Error& error) {
    return failed(ref.fullName(), error.what());
  } catch (const c10::Error& error) {
    return failed(ref.fullName(), error.what_without_backtrace());
  } catch (const std::exception& error) {
    return failed(ref.fullName(), error.what());
  }
}

class Run {
 public:
  Run(const Options& options, const std::function<void(const Report&)>& each) : options_(options), each_(each) {}

  void ran(const Outcome& outcome) {
    (outcome.pass ? totals_.passed : totals_.failed) += 1;
    each_({outcome, false});
  }

  void notRun(const std::string& name) {
    const bool excused = isExcused(options_.notYet, name);
    if (excused) {
      totals_.notYet += 1;
    } else {
      totals_.failed += 1;
    }
    each_({failed(name, excused ? "not built yet" : "nothing in this program runs this case"), excused});
  }

  bool wanted(const std::string& name) const { return name.starts_with(options_.only); }
  const Totals& totals() const { return totals_; }

 private:
  const Options& options_;
  const std::function<void(const Report&)>& each_;
  Totals totals_;
};

/// The files that interop/files.json lists count one by one, as "interop/FILE".
void runInteropFiles(const std::filesystem::path& folder, const CaseRef& ref, Run& run) {
  try {
    for (const auto& file : runInterop((folder / ref.manifest).parent_path())) {
      const auto name = "interop/" + file.file;
      if (run.wanted(name)) run.ran({name, file.pass, 0.0, 0.0, file.detail});
    }
    for (const auto& outcome : runWeightFiles((folder / ref.manifest).parent_path())) {
      if (run.wanted(outcome.name)) run.ran(outcome);
    }
  } catch (const Error& error) {
    run.ran(failed(ref.fullName(), error.what()));
  }
}

}  // namespace

const std::vector<Section>& sections() {
  static const std::vector<Section> all{
      {"xudit", runXudit},       {"modules", runModule}, {"init", runInit},
      {"schedule", runSchedule}, {"optim", runOptim},    {"sampler", runSamplerCase},
  };
  return all;
}

std::set<std::string> readNotYet(const std::filesystem::path& file) {
  std::set<std::string> names;
  std::istringstream lines(readTextFile(file));
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::remove_if(line.begin(), line.end(), [](unsigned char c) { return std::isspace(c) != 0; }),
               line.end());
    if (!line.empty() && line.front() != '#') names.insert(line);
  }
  return names;
}

Totals runGolden(const std::filesystem::path& folder, const Options& options,
                 const std::function<void(const Report&)>& each) {
  Run run(options, each);
  for (const auto& ref : readIndex(folder)) {
    if (ref.section == "interop") {
      runInteropFiles(folder, ref, run);
    } else if (!run.wanted(ref.fullName())) {
      continue;
    } else if (const auto function = functionOf(ref.section)) {
      run.ran(runCase(function, folder, ref, options));
    } else {
      run.notRun(ref.fullName());
    }
  }
  return run.totals();
}

}  // namespace dw::golden
