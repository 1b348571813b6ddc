// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/verify_run.h"

#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/text_format.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_log.h"
#include "run_folder/run_notes.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;
constexpr const char* kCheckpoints = "checkpoints/";

std::string checkMetrics(const fs::path& path) {
  const ReadFile file(path);
  std::size_t records = 0;
  run_folder::MetricsPart part;
  do {
    part = run_folder::readMetricsPart(file, part.end, 4096);
    records += part.records.size();
  } while (part.more);
  if (part.damaged) {
    throw Error(ErrorKind::BadData, path,
                "record " + std::to_string(records + 1) + " is damaged, and what follows it does not count",
                "the run goes on from its checkpoints all the same", part.end);
  }
  const auto torn = file.size() - part.end;
  return countText(records, "record") +
         (torn == 0 ? "" : ", and " + countText(torn, "byte") + " of one that was not finished");
}

std::string checkLog(const fs::path& path) {
  ReadFile(path).size();  // a missing file is an error here
  run_folder::LogReader log(path);
  std::size_t lines = 0;
  for (auto some = log.poll(); !some.empty(); some = log.poll()) lines += some.size();
  if (log.brokenLines() > 0)
    throw Error(ErrorKind::BadData, path, countText(log.brokenLines(), "line is", "lines are") + " damaged",
                "the others are shown");
  return countText(lines, "line");
}

std::string checkCheckpoint(const fs::path& folder) {
  run_folder::verify(folder);
  return countText(run_folder::readState(folder)["files"].size(), "file") + ", hashes agree";
}

}  // namespace

bool verifyRun(const fs::path& run, const std::function<void(const Verified&)>& report,
               const ShouldContinue& shouldContinue) {
  std::vector<std::pair<std::string, std::function<std::string()>>> parts{
      {"recipe.json", [&] { return "recipe " + run_folder::readDescription(run).recipe.name; }},
      {"metrics.bin", [&] { return checkMetrics(run / "metrics.bin"); }},
      {"validation.bin", [&] { return countText(run_folder::readValidation(run).size(), "measurement"); }},
      {"updates.bin", [&] { return countText(run_folder::readUpdateRatios(run).size(), "measurement"); }},
      {"log.jsonl", [&] { return checkLog(run / "log.jsonl"); }},
      {"notes.json",
       [&] { return run_folder::readNotes(run).note.empty() ? std::string("no note") : std::string("a note"); }}};
  for (const auto& c : run_folder::CheckpointStore(run / "checkpoints").listAll()) {
    parts.emplace_back(kCheckpoints + c.folder.filename().string(),
                       [folder = c.folder] { return checkCheckpoint(folder); });
  }
  bool allGood = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (shouldContinue && !shouldContinue(static_cast<double>(i) / static_cast<double>(parts.size()))) return false;
    Verified result{.part = parts[i].first, .good = true, .sentence = {}};
    try {
      result.sentence = parts[i].second();
    } catch (const std::exception& e) {
      std::error_code hidden;
      // Pruned by its trainer since it was listed.
      if (result.part.starts_with(kCheckpoints) && !fs::exists(run / result.part, hidden)) continue;
      result.good = allGood = false;
      result.sentence = e.what();
    }
    report(result);
  }
  return allGood;
}

}  // namespace dw::run_library
