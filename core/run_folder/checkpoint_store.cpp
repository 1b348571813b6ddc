// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/checkpoint_store.h"

#include <algorithm>
#include <string_view>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/folder.h"

namespace dw::run_folder {
namespace {

namespace fs = std::filesystem;
// Hidden names of what is not, or no longer, a checkpoint.
constexpr std::string_view kWriting = ".writing-";
constexpr std::string_view kDeleting = ".deleting-";
constexpr std::string_view kReplaced = ".replaced-";

std::string hidden(std::string_view mark, const std::string& name) { return std::string(mark) + name; }

/// Calls what may throw where a failure costs space only.
template <typename Call>
void quietly(Call call) noexcept {
  try {
    call();
  } catch (const std::exception&) {  // the next cleanUp tries again
    return;
  }
}

bool verifies(const fs::path& checkpoint) {
  try {
    verify(checkpoint);
    return true;
  } catch (const std::exception&) {  // damaged in whatever way
    return false;
  }
}

/// The one with the lowest validation loss, or if none has one, the lowest smoothed training loss; of equals the newest. end()
/// if none has either.
auto bestOf(std::vector<CheckpointInfo>& all) {
  const auto judged = [](const CheckpointInfo& info) { return info.damage.empty() && info.validation; };
  const bool byValidation = std::any_of(all.begin(), all.end(), judged);
  const auto lossOf = [&](const CheckpointInfo& info) { return byValidation ? info.validation : info.loss; };
  auto best = all.end();
  for (auto info = all.begin(); info != all.end(); ++info) {
    const auto loss = lossOf(*info);
    if (loss && info->damage.empty() && (best == all.end() || *loss <= *lossOf(*best))) best = info;
  }
  return best;
}

[[noreturn]] void failToSave(const fs::filesystem_error& e, const fs::path& folder) {
  const bool full = e.code() == std::errc::no_space_on_device;
  throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, folder,
              "could not write the checkpoint: " + e.code().message(),
              full ? "free some space on that disk, then save again" : "check the rights of the run folder");
}

}  // namespace

CheckpointInfo CheckpointStore::save(std::int64_t step, const Write& write, const nlohmann::json& facts) {
  const auto name = stepName(step);
  const auto temporary = folder_ / hidden(kWriting, name);
  try {
    makeFolders(folder_);
    removeTree(temporary);
    makeFolders(temporary);
    write(temporary);
    seal(temporary, step, facts);
    verify(temporary);
    putInPlace(temporary, name);
  } catch (const fs::filesystem_error& e) {
    quietly([&] { removeTree(temporary); });
    failToSave(e, folder_);
  } catch (...) {
    quietly([&] { removeTree(temporary); });
    throw;
  }
  auto info = inspect(folder_ / name, step);
  if (!info.damage.empty())
    throw Error(ErrorKind::Io, info.folder, "the checkpoint just written cannot be read back: " + info.damage);
  known_.insert(info.folder);
  return info;
}

void CheckpointStore::putInPlace(const fs::path& temporary, const std::string& name) {
  const auto final = folder_ / name;
  const auto replaced = folder_ / hidden(kReplaced, name);
  if (!fs::exists(final)) return renameDurably(temporary, final);
  known_.erase(final);
  if (isPinned(final)) run_folder::setPinned(temporary, true);
  try {
    removeTree(replaced);
    renameDurably(final, replaced);
    renameDurably(temporary, final);
  } catch (...) {
    quietly([&] {
      if (!fs::exists(final) && fs::exists(replaced)) renameDurably(replaced, final);
    });
    throw;
  }
  quietly([&] { removeTree(replaced); });
}

std::vector<CheckpointInfo> CheckpointStore::listAll() const {
  std::vector<CheckpointInfo> all;
  std::error_code gone;  // absent, or deleted while it is read: then this is all
  for (fs::directory_iterator at(folder_, gone), end; !gone && at != end; at.increment(gone)) {
    const auto step = stepOfName(at->path().filename().string());
    std::error_code hidden;
    if (!step || !at->is_directory(hidden)) continue;
    auto info = inspect(at->path(), *step);
    // One that was pruned, or saved anew, while it was looked at is not damaged: it is gone, or another one.
    if (!info.damage.empty()) info = inspect(at->path(), *step);
    if (info.damage.empty() || fs::exists(at->path(), hidden)) all.push_back(std::move(info));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
  if (const auto best = bestOf(all); best != all.end()) best->best = true;
  return all;
}

std::vector<CheckpointInfo> CheckpointStore::list() const {
  auto all = listAll();
  std::erase_if(all, [](const auto& info) { return !info.damage.empty(); });
  return all;
}

std::optional<CheckpointInfo> CheckpointStore::newestGood(std::int64_t below) const {
  const auto all = list();
  const auto good = std::find_if(all.rbegin(), all.rend(),
                                 [below](const auto& info) { return info.step < below && verifies(info.folder); });
  return good == all.rend() ? std::nullopt : std::optional(*good);
}

bool CheckpointStore::isGood(const fs::path& checkpoint) {
  if (known_.contains(checkpoint)) return true;
  if (!verifies(checkpoint)) return false;
  known_.insert(checkpoint);
  return true;
}

/// A damaged one must not take the place of the best: the others follow.
void CheckpointStore::spareTheBest(std::vector<CheckpointInfo>& surplus, std::vector<CheckpointInfo> all) {
  for (auto best = bestOf(all); best != all.end(); best = bestOf(all)) {
    const auto found =
        std::find_if(surplus.begin(), surplus.end(), [&](const auto& info) { return info.folder == best->folder; });
    if (found == surplus.end()) return;
    if (isGood(found->folder)) {
      surplus.erase(found);
      return;
    }
    all.erase(best);
  }
}

void CheckpointStore::prune(std::int64_t keep, std::int64_t current) {
  const auto all = listAll();
  auto newestFirst = all;
  std::reverse(newestFirst.begin(), newestFirst.end());
  std::stable_partition(newestFirst.begin(), newestFirst.end(), [&](const auto& info) { return info.step <= current; });
  std::vector<CheckpointInfo> surplus;
  std::int64_t good = 0;
  for (const auto& info : newestFirst) {
    if (good < std::max<std::int64_t>(keep, 1))
      good += info.damage.empty() && isGood(info.folder) ? 1 : 0;
    else if (!info.pinned)
      surplus.push_back(info);
  }
  spareTheBest(surplus, all);
  for (const auto& info : surplus) quietly([&] { remove(info.folder); });
}

void CheckpointStore::dropBeyond(std::int64_t step) {
  for (const auto& info : listAll()) {
    if (info.step <= step || info.pinned) continue;
    known_.erase(info.folder);
    try {
      remove(info.folder);
    } catch (const fs::filesystem_error& e) {
      throw Error(ErrorKind::Io, info.folder, "could not delete this checkpoint: " + e.code().message(),
                  "check the rights of the run folder");
    }
  }
}

void CheckpointStore::remove(const fs::path& checkpoint) const {
  const auto name = folder_ / hidden(kDeleting, checkpoint.filename().string());
  removeTree(name);
  if (isPinned(checkpoint)) return;  // since it was listed
  renameDurably(checkpoint, name);
  removeTree(name);
}

void CheckpointStore::setPinned(std::int64_t step, bool pinned) {
  const auto checkpoint = folder_ / stepName(step);
  if (!fs::is_directory(checkpoint)) {
    throw Error(ErrorKind::Usage, folder_, "there is no checkpoint of step " + std::to_string(step) + " (any more)",
                "look at the list again");
  }
  run_folder::setPinned(checkpoint, pinned);
}

void CheckpointStore::restoreReplaced(const fs::path& replaced) {
  const auto final = folder_ / replaced.filename().string().substr(kReplaced.size());
  if (verifies(final)) return removeTree(replaced);
  if (!verifies(replaced)) return;
  removeTree(final);
  renameDurably(replaced, final);
}

void CheckpointStore::cleanUp() noexcept {
  quietly([&] {
    std::vector<fs::path> entries;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder_, absent)) entries.push_back(entry.path());
    for (const auto& entry : entries) {
      const auto name = entry.filename().string();
      if (name.starts_with(kWriting) || name.starts_with(kDeleting)) quietly([&] { removeTree(entry); });
      if (name.starts_with(kReplaced)) quietly([&] { restoreReplaced(entry); });
      if (stepOfName(name)) removeTemporaries(entry);
    }
  });
}

}  // namespace dw::run_folder
