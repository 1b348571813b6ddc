// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/checkpoint_folder.h"

#include <charconv>
#include <cmath>
#include <ctime>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/sha256.h"
#include "base/text_format.h"
#include "config/recipe_json.h"

namespace dw::run_folder {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr int kFormat = 1;
constexpr std::string_view kPrefix = "step-";
constexpr std::size_t kDigits = 7;
constexpr const char* kState = "state.json";
constexpr const char* kPin = "pinned";
constexpr const char* kPreview = "preview.png";

struct RecordedFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// What state.json says of the files. Throws Error BadData for a name that leads out of the folder, and for nonsense.
std::vector<RecordedFile> recordedFiles(const json& state, const fs::path& checkpoint) {
  std::vector<RecordedFile> all;
  for (const auto& [name, facts] : state.at("files").items()) {
    if (name.empty() || name == "." || name == ".." || fs::path(name).filename() != fs::path(name)) {
      throw Error(ErrorKind::BadData, checkpoint, "state.json names a file outside the checkpoint: " + name);
    }
    const auto bytes = facts.is_object() ? facts.value("bytes", json()) : json();
    const auto hash = facts.is_object() ? facts.value("sha256", json()) : json();
    if (!bytes.is_number_unsigned() || !hash.is_string()) {
      throw Error(ErrorKind::BadData, checkpoint, "state.json does not say what " + name + " should contain",
                  "resume from an older checkpoint");
    }
    all.push_back({name, bytes.get<std::uint64_t>(), hash.get<std::string>()});
  }
  return all;
}

/// Empty if every file stands there in its full size.
std::string findMissing(const std::vector<RecordedFile>& files, const fs::path& checkpoint) {
  for (const auto& file : files) {
    std::error_code absent;
    const auto size = fs::file_size(checkpoint / file.name, absent);
    if (absent) return file.name + " is missing: the checkpoint was not copied whole";
    if (size != file.bytes) {
      return file.name + " has " + countText(size, "byte") + " instead of " + std::to_string(file.bytes) +
             ": it is cut off, or was not copied whole";
    }
  }
  return {};
}

std::uint64_t bytesIn(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code unreadable;  // then it counts as nothing
  for (fs::directory_iterator at(folder, unreadable), end; !unreadable && at != end; at.increment(unreadable)) {
    std::error_code gone;
    const auto size = at->file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

void readFacts(const json& state, CheckpointInfo& info) {
  if (const auto time = state.value("saved_at", json()); time.is_number_integer())
    info.savedAt = time.get<std::int64_t>();
  else
    info.savedAt = ReadFile(info.folder / kState).modifiedNs() / 1'000'000'000;
  const auto finite = [&](const char* name) {
    const auto value = state.value(name, json());
    return value.is_number() && std::isfinite(value.get<double>()) ? std::optional(value.get<double>()) : std::nullopt;
  };
  info.loss = finite("smoothed_loss");
  info.validation = finite("validation_loss");
  const auto step = state.value("step", json());
  if (!step.is_number_integer() || step.get<std::int64_t>() != info.step)
    info.damage = "state.json belongs to another step";
}

}  // namespace

std::string stepName(std::int64_t step) {
  auto digits = std::to_string(step);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return std::string(kPrefix) + digits;
}

std::optional<std::int64_t> stepOfName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::int64_t step = 0;
  const auto* begin = name.data() + kPrefix.size();
  const auto* end = name.data() + name.size();
  const auto [read, error] = std::from_chars(begin, end, step);
  if (error != std::errc{} || read != end || step < 0) return std::nullopt;
  return step;
}

json readState(const fs::path& checkpoint) {
  const auto path = checkpoint / kState;
  auto state = config::parseJson(readTextFile(path), path);
  if (!state.is_object() || !state.contains("files") || !state["files"].is_object()) {
    throw Error(ErrorKind::BadData, path, "this is not the state of a checkpoint", "choose a folder named step-...");
  }
  config::refuseNewerFormat(state, kFormat, path, "the checkpoint");
  return state;
}

void verify(const fs::path& checkpoint) {
  for (const auto& file : recordedFiles(readState(checkpoint), checkpoint)) {
    if (file.sha256 != sha256OfFile(checkpoint / file.name)) {
      throw Error(ErrorKind::BadData, fs::path(checkpoint / file.name),
                  "the file is not what was saved: its hash differs", "choose an older checkpoint");
    }
  }
}

CheckpointInfo inspect(const fs::path& checkpoint, std::int64_t step) {
  CheckpointInfo info;
  info.folder = checkpoint;
  info.step = step;
  try {
    info.bytes = bytesIn(checkpoint);
    info.pinned = isPinned(checkpoint);
    std::error_code hidden;
    info.preview = fs::exists(checkpoint / kPreview, hidden);
    if (!fs::exists(checkpoint / kState, hidden)) {
      info.damage = "state.json is missing: the checkpoint was not copied whole";
      return info;
    }
    const auto state = readState(checkpoint);
    readFacts(state, info);
    if (info.damage.empty()) info.damage = findMissing(recordedFiles(state, checkpoint), checkpoint);
  } catch (const std::exception& e) {  // unreadable in whatever way: listing must go on
    info.damage = e.what();
  }
  return info;
}

void seal(const fs::path& checkpoint, std::int64_t step, const json& facts) {
  auto state = config::parseJson(readTextFile(checkpoint / kState), checkpoint / kState);
  auto files = json::object();
  for (const auto& entry : fs::directory_iterator(checkpoint)) {
    const auto name = entry.path().filename().string();
    if (name == kState) continue;
    syncPath(entry.path());
    files[name] = {{"bytes", entry.file_size()}, {"sha256", sha256OfFile(entry.path())}};
  }
  state.update(facts);
  state["format"] = kFormat;
  state["step"] = step;
  state["saved_at"] = static_cast<std::int64_t>(std::time(nullptr));
  state["files"] = files;
  writeFileAtomically(checkpoint / kState, state.dump(1));
  syncPath(checkpoint);
}

void setPinned(const fs::path& checkpoint, bool pinned) {
  if (pinned == isPinned(checkpoint)) return;
  if (pinned) {
    writeFileAtomically(checkpoint / kPin, std::string_view());
  } else {
    removeTree(checkpoint / kPin);
    syncPath(checkpoint);
  }
}

bool isPinned(const fs::path& checkpoint) noexcept {
  std::error_code hidden;
  return fs::exists(checkpoint / kPin, hidden);
}

}  // namespace dw::run_folder
