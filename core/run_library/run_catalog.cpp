// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/run_catalog.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "base/folder.h"
#include "config/recipe_fields.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> runFolders(const fs::path& runs) {
  std::vector<fs::path> all;
  std::error_code failed;
  if (!fs::exists(runs, failed)) return all;
  auto entry = fs::directory_iterator(runs, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    std::error_code ignored;
    // Names with a dot are the trash and what is being imported.
    if (entry->path().filename().string().starts_with(".") || !entry->is_directory(ignored)) continue;
    if (looksLikeRun(entry->path())) all.push_back(entry->path());
  }
  if (failed)
    throw Error(ErrorKind::Io, runs, "the folder of the runs cannot be read: " + failed.message(), "check its rights");
  return all;
}

std::uint64_t stampOf(const fs::path& path) {
  std::error_code absent;
  const auto time = fs::last_write_time(path, absent);
  return absent ? 0 : static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

RunCatalog::RunCatalog(fs::path runs) : runs_(std::move(runs)) {}

std::vector<RunSummary> RunCatalog::list(bool withBytes) {
  const auto folders = runFolders(runs_);
  std::unordered_set<std::string> present;
  for (const auto& folder : folders) present.insert(folder.string());
  std::erase_if(known_, [&](const auto& item) { return !present.contains(item.first); });
  std::vector<RunSummary> all;
  all.reserve(folders.size());
  for (const auto& folder : folders) {
    auto& known = known_.try_emplace(folder.string(), folder).first->second;
    auto summary = readRunSummary(folder, known.probe);
    // Its trainer is still preparing: nothing to be seen yet, and nothing missing either.
    if (run_folder::isLive(summary.state) && !summary.recipe && summary.dataset.empty()) continue;
    if (!summary.missing.empty() && !looksLikeRun(folder)) continue;  // it went while we looked
    if (withBytes) addBytes(summary, known);
    all.push_back(std::move(summary));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.created != b.created ? a.created > b.created : a.name > b.name;
  });
  return all;
}

void RunCatalog::addBytes(RunSummary& summary, Known& known) const {
  std::uint64_t stamp = 1;
  for (const char* part : {"", "metrics.bin", "log.jsonl", "checkpoints", "samples"})
    stamp = stamp * 31 + stampOf(summary.folder / part);
  if (stamp != known.sizeStamp) {
    known.bytes = bytesOfFiles(summary.folder);
    known.sizeStamp = stamp;
  }
  summary.bytes = known.bytes;
}

fs::path findRun(const fs::path& runs, const std::string& nameOrPath) {
  std::error_code ignored;
  for (const auto& candidate : {fs::path(nameOrPath), runs / nameOrPath}) {
    if (!nameOrPath.empty() && fs::is_directory(candidate, ignored) && looksLikeRun(candidate)) {
      auto path = fs::absolute(candidate).lexically_normal();
      return path.has_filename() ? path : path.parent_path();
    }
  }
  std::vector<std::string> names;
  for (const auto& folder : runFolders(runs)) names.push_back(folder.filename().string());
  const auto nearest = config::nearestName(nameOrPath, names);
  throw Error(ErrorKind::Usage, "there is no run '" + nameOrPath + "' here, nor under " + runs.string(),
              nearest.empty() ? "give the path of a run folder" : "did you mean " + nearest + "?");
}

}  // namespace dw::run_library
