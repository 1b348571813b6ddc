// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <hdf5.h>
#include <torch/version.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/system_info.h"
#include "base/version.h"
#include "cli/command.h"
#include "config/recipe_json.h"
#include "run_folder/run_folder.h"
#include "training/device.h"
#include "training/gpu_facts.h"
#include "training/thread_choice.h"

namespace dw::cli {
namespace {

constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;

struct Finding {
  std::string what, remedy;
};

nlohmann::json examine(std::vector<Finding>& missing) {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  const auto memory = systemMemory();
  const auto& noCuda = training::noCuda();
  const auto gpu = training::gpuFacts();
  const auto runs = run_folder::defaultRunsFolder();
  if (!noCuda.reason.empty())
    missing.push_back({"no GPU: " + noCuda.reason, "training uses the processor; for a GPU: " + noCuda.remedy});
  constexpr double kLittle = 1.0;
  const double freeGib = static_cast<double>(freeDiskSpace(runs)) / kGibibyte;
  if (freeGib < kLittle)
    missing.push_back({"less than 1 GiB is free where runs are kept", "free some space, or set DWB_RUNS"});
  nlohmann::json facts{{"program", kProgramVersion},
                       {"libtorch", TORCH_VERSION},
                       {"hdf5", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release)},
                       {"processor", processorName()},
                       {"cpu_capability", at::get_cpu_capability()},
                       {"cores", training::usableCores()},
                       {"memory_gib", static_cast<double>(memory.total) / kGibibyte},
                       {"memory_available_gib", static_cast<double>(memory.available) / kGibibyte},
                       {"cuda", noCuda.reason.empty()},
                       {"runs_folder", runs.string()},
                       {"runs_disk_free_gib", freeGib}};
  if (gpu) {
    facts["gpu"] = gpu->name;
    facts["gpu_memory_gib"] = static_cast<double>(gpu->totalBytes) / kGibibyte;
    facts["gpu_memory_free_gib"] = static_cast<double>(gpu->freeBytes) / kGibibyte;
  }
  return facts;
}

std::string textOf(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return config::toLine(value);
  char text[40];
  std::snprintf(text, sizeof text, "%.1f", value.get<double>());
  return text;
}

int doctor(bool json) {
  std::vector<Finding> missing;
  auto facts = examine(missing);
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto& finding : missing) list.push_back({{"what", finding.what}, {"remedy", finding.remedy}});
    facts["missing"] = list;
    std::printf("%s\n", config::toLine(facts).c_str());
    return kDone;
  }
  for (const auto& [name, value] : facts.items()) {
    std::printf("%-22s %s\n", name.c_str(), textOf(value).c_str());
  }
  std::printf(missing.empty() ? "nothing is missing\n" : "missing:\n");
  for (const auto& finding : missing) std::printf("  %s\n    %s\n", finding.what.c_str(), finding.remedy.c_str());
  return kDone;
}

}  // namespace

std::function<int()> declareDoctor(CLI::App& parser) {
  auto json = std::make_shared<bool>(false);
  parser.add_flag("--json", *json, "one JSON object");
  return [json] { return doctor(*json); };
}

}  // namespace dw::cli
