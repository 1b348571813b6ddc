// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/trash.h"
#include "run_folder/liveness.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/folder.h"
#include "run_library/run_actions.h"
#include "run_library/run_summary.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;
constexpr const char* kTrash = ".trash";

/// TIME-NAME -> both; false for what is no name of ours.
bool parseName(const std::string& text, TrashedRun& out) {
  const auto* end = text.data() + text.size();
  const auto [dash, error] = std::from_chars(text.data(), end, out.deleted);
  if (error != std::errc{} || dash == end || *dash != '-' || dash + 1 == end) return false;
  out.name.assign(dash + 1, end);
  return true;
}

[[noreturn]] void fail(const fs::path& path, const std::error_code& code, const std::string& what) {
  throw Error(ErrorKind::Io, path, "could not " + what + ": " + code.message(), "check the rights of that folder");
}

TrashedRun described(const fs::path& folder) {
  TrashedRun run;
  run.folder = folder;
  std::error_code ignored;
  if (folder.parent_path().filename() != kTrash || !parseName(folder.filename().string(), run) ||
      !fs::is_directory(fs::symlink_status(folder, ignored))) {
    throw Error(ErrorKind::Usage, folder, "this is not a run in the trash", "see the list of the trash");
  }
  return run;
}

}  // namespace

std::vector<TrashedRun> listTrash(const fs::path& runs, bool withBytes) {
  std::vector<TrashedRun> all;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(runs / kTrash, absent)) {
    TrashedRun run;
    run.folder = entry.path();
    if (!parseName(entry.path().filename().string(), run)) continue;
    if (withBytes) run.bytes = bytesOfFiles(run.folder);
    all.push_back(std::move(run));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.deleted > b.deleted; });
  return all;
}

TrashedRun moveToTrash(const fs::path& run) {
  const auto lock = run_folder::holdRun(run);
  const auto trash = run.parent_path() / kTrash;
  makeFolders(trash);
  std::error_code failed;
  TrashedRun out{
      .folder = {}, .name = run.filename().string(), .deleted = static_cast<std::int64_t>(std::time(nullptr))};
  do {
    out.folder = trash / (std::to_string(out.deleted) + "-" + out.name);
  } while (fs::exists(out.folder, failed) && ++out.deleted > 0);
  renameDurably(run, out.folder);
  out.bytes = bytesOfFiles(out.folder);
  return out;
}

fs::path restoreFromTrash(const fs::path& trashed) {
  const auto run = described(trashed);
  const auto runs = trashed.parent_path().parent_path();
  auto target = runs / freeName(runs, run.name);
  renameDurably(trashed, target);
  return target;
}

std::uint64_t deleteForGood(const std::vector<TrashedRun>& trashed, const std::function<bool(double)>& shouldContinue) {
  std::vector<fs::path> files;
  for (const auto& run : trashed) {
    described(run.folder);
    for (const auto& entry : fs::recursive_directory_iterator(run.folder)) {
      if (!fs::is_directory(entry.symlink_status())) files.push_back(entry.path());
    }
  }
  std::uint64_t freed = 0;
  std::error_code failed;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (shouldContinue && !shouldContinue(static_cast<double>(i) / static_cast<double>(files.size()))) return freed;
    const auto status = fs::symlink_status(files[i], failed);
    const auto bytes = fs::is_regular_file(status) ? fs::file_size(files[i], failed) : 0;
    fs::remove(files[i], failed);
    if (failed) fail(files[i], failed, "delete");
    freed += bytes;
  }
  for (const auto& run : trashed) removeTree(run.folder);
  return freed;
}

}  // namespace dw::run_library
