// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/command.h"
#include "config/recipe_json.h"
#include "golden/sections.h"
#include "training/device.h"

namespace dw::cli {
namespace {

struct Options {
  std::string folder, out, notYet, only, device = "cpu";
  bool json = false;
};

void print(const golden::Report& report, bool json) {
  const auto& o = report.outcome;
  if (json) {
    nlohmann::json line{
        {"case", o.name}, {"pass", o.pass && !report.notYet}, {"worst", o.worst}, {"tolerance", o.tolerance}};
    if (report.notYet) line["not_yet"] = true;
    if (!o.detail.empty()) line["detail"] = o.detail;
    std::printf("%s\n", config::toLine(line).c_str());
  } else {
    const char* verdict = report.notYet ? "NOT YET" : o.pass ? "pass" : "FAIL";
    std::printf("%-8s %-42s worst %.3g of %.3g  %s\n", verdict, o.name.c_str(), o.worst, o.tolerance, o.detail.c_str());
  }
  std::fflush(stdout);
}

int compare(const Options& o) {
  const auto device = training::openDevice(config::choiceNamed<config::Device>("device", o.device));
  golden::Options options{.outDir = o.out, .notYet = {}, .only = o.only, .device = device};
  if (!o.notYet.empty()) options.notYet = golden::readNotYet(o.notYet);
  const auto totals = golden::runGolden(o.folder, options, [&](const golden::Report& r) { print(r, o.json); });
  std::fprintf(stderr, "%d passed, %d failed, %d not yet\n", totals.passed, totals.failed, totals.notYet);
  return totals.failed == 0 ? kDone : kFailed;
}

}  // namespace

std::function<int()> declareGolden(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("folder", o->folder, "folder with index.json")->required();
  parser.add_option("--out", o->out, "write every computed tensor and gradient below this folder, as safetensors");
  parser.add_option("--not-yet", o->notYet, "file with names of cases that may be missing, one a line");
  parser.add_option("--only", o->only, "only cases whose name begins with this, e.g. xudit/");
  parser
      .add_option("--device", o->device,
                  config::inOneLine(config::keysOf<config::Device>()) + ": where models and optimizers run")
      ->capture_default_str();
  parser.add_flag("--json", o->json, "one JSON object a case");
  return [o] { return compare(*o); };
}

}  // namespace dw::cli
