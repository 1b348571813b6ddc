// SPDX-License-Identifier: GPL-3.0-or-later
#include "checkpoint/checkpoint_store.h"

#include <algorithm>
#include <charconv>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "config/recipe_json.h"

namespace dw::checkpoint {
namespace {

namespace fs = std::filesystem;
constexpr int kFormat = 1;
constexpr std::string_view kPrefix = "step-";
constexpr std::size_t kDigits = 7;
constexpr const char* kTemporaryPrefix = ".writing-";
constexpr const char* kState = "state.json";

std::string nameOf(std::int64_t step) {
  auto digits = std::to_string(step);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return std::string(kPrefix) + digits;
}

std::optional<std::int64_t> stepOf(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::int64_t step = 0;
  const auto* begin = name.data() + kPrefix.size();
  const auto* end = name.data() + name.size();
  const auto [read, error] = std::from_chars(begin, end, step);
  if (error != std::errc{} || read != end || step < 0) return std::nullopt;
  return step;
}

/// Brings every file to the disk, reads it again, and completes state.json with sizes and hashes.
void seal(const fs::path& folder, std::int64_t step) {
  auto state = config::parseJson(readTextFile(folder / kState), folder / kState);
  auto files = nlohmann::json::object();
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name == kState) continue;
    syncPath(entry.path());
    files[name] = {{"bytes", entry.file_size()}, {"sha256", sha256OfFile(entry.path())}};
  }
  state["format"] = kFormat;
  state["step"] = step;
  state["files"] = files;
  writeFileAtomically(folder / kState, state.dump(1));
  syncPath(folder);
}

std::optional<CheckpointInfo> inspect(const fs::path& folder, std::int64_t step) {
  try {
    CheckpointInfo info{.folder = folder, .step = step};
    const auto state = readState(folder);
    if (state.at("step").get<std::int64_t>() != step) return std::nullopt;
    for (const auto& [name, facts] : state.at("files").items()) {
      const auto size = fs::file_size(folder / name);
      if (size != facts.at("bytes").get<std::uint64_t>()) return std::nullopt;
      info.bytes += size;
    }
    return info;
  } catch (const std::exception&) {  // unreadable in any way: not a good checkpoint, and listing must go on
    return std::nullopt;
  }
}

}  // namespace

nlohmann::json readState(const fs::path& checkpoint) {
  const auto path = checkpoint / kState;
  auto state = config::parseJson(readTextFile(path), path);
  if (!state.is_object() || !state.contains("files") || !state["files"].is_object()) {
    throw Error(ErrorKind::BadData, path, "this is not the state of a checkpoint", "choose a folder named step-...");
  }
  config::refuseNewerFormat(state, kFormat, path, "the checkpoint");
  return state;
}

void verify(const fs::path& checkpoint) {
  const auto state = readState(checkpoint);
  for (const auto& [name, facts] : state["files"].items()) {
    // A name from a file must not lead out of the folder.
    if (fs::path(name).filename() != fs::path(name)) {
      throw Error(ErrorKind::BadData, checkpoint, "state.json names a file outside the checkpoint: " + name);
    }
    if (!facts.is_object() || facts.value("sha256", nlohmann::json()) != sha256OfFile(checkpoint / name)) {
      throw Error(ErrorKind::BadData, fs::path(checkpoint / name), "the file is not what was saved: its hash differs",
                  "resume from an older checkpoint");
    }
  }
}

CheckpointInfo CheckpointStore::save(std::int64_t step, const std::function<void(const fs::path&)>& write) {
  const auto name = nameOf(step);
  const auto temporary = folder_ / (kTemporaryPrefix + name);
  try {
    fs::create_directories(folder_);
    fs::remove_all(temporary);
    fs::create_directory(temporary);
    write(temporary);
    seal(temporary, step);
    verify(temporary);
    const auto final = folder_ / name;
    fs::remove_all(final);
    renameDurably(temporary, final);
  } catch (const fs::filesystem_error& e) {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    const bool full = e.code() == std::errc::no_space_on_device;
    throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, folder_, "could not write the checkpoint: " + e.code().message(),
                full ? "free some space on that disk, then save again" : "check the rights of the run folder");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    throw;
  }
  auto info = inspect(folder_ / name, step);
  if (!info) throw Error(ErrorKind::Io, folder_, "the checkpoint just written cannot be read back");
  return *info;
}

std::vector<CheckpointInfo> CheckpointStore::list() const {
  std::vector<CheckpointInfo> all;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder_, absent)) {
    const auto step = stepOf(entry.path().filename().string());
    if (!step) continue;
    if (auto info = inspect(entry.path(), *step)) all.push_back(std::move(*info));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
  return all;
}

std::optional<CheckpointInfo> CheckpointStore::newestGood() const {
  const auto all = list();
  for (auto info = all.rbegin(); info != all.rend(); ++info) {
    try {
      verify(info->folder);
      return *info;
    } catch (const Error&) {
      continue;  // damaged: the next older one may be good
    }
  }
  return std::nullopt;
}

void CheckpointStore::prune(std::int64_t keep, std::int64_t current) const {
  auto all = list();
  std::stable_partition(all.begin(), all.end(), [&](const auto& info) { return info.step > current; });
  const auto surplus = static_cast<std::int64_t>(all.size()) - std::max<std::int64_t>(keep, 1);
  std::error_code ignored;  // one that cannot be deleted costs space only
  for (std::int64_t i = 0; i < surplus; ++i) fs::remove_all(all[static_cast<std::size_t>(i)].folder, ignored);
}

}  // namespace dw::checkpoint
