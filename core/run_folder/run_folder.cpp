// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/run_folder.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/version.h"
#include "config/recipe_json.h"
#include "run_folder/checkpoint_folder.h"
#include "run_folder/liveness.h"

namespace dw::run_folder {
namespace {

namespace fs = std::filesystem;
constexpr int kFormat = 1;

std::string today() {
  const auto now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &local)};
}

/// The part of a name that is safe in every file system and shell.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool good = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    if (good)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  constexpr std::size_t kLongest = 40;
  out.resize(std::min(out.size(), kLongest));
  return out.empty() ? "run" : out;
}

/// Throws if something of somebody stands in the folder already.
void refuseOccupied(const fs::path& path) {
  if (fs::exists(path / "recipe.json")) {
    throw Error(ErrorKind::Usage, path, "there is a run in this folder already",
                "go on with it (--resume), or choose another folder");
  }
  if (!fs::exists(path)) return;
  bool empty = fs::is_directory(path);
  if (empty) {
    for (const auto& entry : fs::directory_iterator(path)) empty = empty && entry.path().filename() == kLockFile;
  }
  if (!empty) throw Error(ErrorKind::Usage, path, "this is not an empty folder", "choose a new or an empty folder");
}

[[noreturn]] void fail(const fs::filesystem_error& e, const fs::path& path) {
  const bool full = e.code() == std::errc::no_space_on_device;
  throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, path, "could not make the run folder: " + e.code().message(),
              full ? "free some space on that disk" : "choose a place where you may write (option --run, or DWB_RUNS)");
}

/// path: for sentences.
RunDescription descriptionIn(const nlohmann::json& json, const fs::path& path) {
  const auto data = json.is_object() ? json.value("data", nlohmann::json()) : nlohmann::json();
  if (!data.is_object() || !data.contains("path") || !data["path"].is_string() || !json.contains("recipe")) {
    throw Error(ErrorKind::BadData, path, "this does not describe a run", "it may be damaged");
  }
  config::refuseNewerFormat(json, kFormat, path, "this run");
  const auto created = json.value("created", nlohmann::json()), axes = data.value("axes", nlohmann::json());
  return {.recipe = config::recipeFromJson(json["recipe"]),
          .data = data["path"].get<std::string>(),
          .identity = data.value("identity", nlohmann::json::object()),
          .axes = axes.is_string() ? axes.get<std::string>() : std::string(),
          .scale = data.value("scale", nlohmann::json()),
          .origin = json.value("origin", nlohmann::json()),
          .created = created.is_number_integer() ? created.get<std::int64_t>() : 0};
}

}  // namespace

fs::path defaultRunsFolder() {
  if (const char* runs = std::getenv("DWB_RUNS"); runs != nullptr && *runs != '\0') return runs;
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return fs::path(data) / "diffusion-workbench" / "runs";
  }
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : ".") / ".local" / "share" / "diffusion-workbench" / "runs";
}

fs::path newRunFolder(const fs::path& runs, const std::string& recipe, const std::string& data) {
  const auto stem = today() + "-" + plain(recipe) + "-" + plain(fs::path(data).stem().string());
  for (int n = 1;; ++n) {
    auto candidate = runs / (stem + "-" + std::to_string(n));
    std::error_code unreadable;  // then making it will fail with a sentence
    if (!fs::exists(candidate, unreadable)) return candidate;
  }
}

RunFolder::RunFolder(fs::path path, Begun begun, std::unique_ptr<FileLock> lock)
    : path_(std::move(path)), begun_(begun), lock_(std::move(lock)) {}

std::unique_ptr<RunFolder> RunFolder::create(const fs::path& path) {
  bool made = false;
  try {
    if (!isLocked(path / kLockFile)) refuseOccupied(path);
    made = makeFolders(path);
    std::unique_ptr<RunFolder> folder(
        new RunFolder(path, Begun::Existing, std::make_unique<FileLock>(path / kLockFile)));
    refuseOccupied(path);  // again: its holder may have ended in between
    folder->begun_ = made ? Begun::Made : Begun::Empty;
    return folder;
  } catch (const fs::filesystem_error& e) {
    fail(e, path);
  } catch (const Error&) {
    std::error_code ignored;
    if (made) fs::remove(path, ignored);
    throw;
  }
}

std::unique_ptr<RunFolder> RunFolder::open(const fs::path& path) {
  readDescription(path);
  std::unique_ptr<RunFolder> folder(new RunFolder(path, Begun::Existing, holdRun(path)));
  removeTemporaries(path);  // nobody else writes here now
  return folder;
}

RunFolder::~RunFolder() {
  std::error_code ignored;  // what is left behind costs space only
  // Whoever goes on with the run on another machine, which the lock does not reach, need not wait for a heartbeat to grow old.
  fs::last_write_time(path_ / kLockFile, fs::file_time_type::clock::now() - 2 * LivenessProbe::kSilence, ignored);
  if (begun_ == Begun::Made) fs::remove_all(path_, ignored);
  if (begun_ != Begun::Empty) return;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) fs::remove_all(entry.path(), ignored);
}

nlohmann::json RunFolder::writeRecipe(const RunDescription& description) {
  const auto created = description.created > 0 ? description.created : static_cast<std::int64_t>(std::time(nullptr));
  nlohmann::json json{{"format", kFormat},
                      {"program", std::string("diffusion-workbench ") + kProgramVersion},
                      {"created", created},
                      {"data",
                       {{"path", description.data},
                        {"identity", description.identity},
                        {"axes", description.axes},
                        {"scale", description.scale}}},
                      {"origin", description.origin},
                      {"recipe", config::toJson(description.recipe)}};
  std::string text;
  try {
    text = json.dump(1) + "\n";
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::Usage,
                "the name of the dataset or its folder is not in UTF-8, so the run could not find it again",
                "rename it: " + description.data);
  }
  writeFileAtomically(path_ / "recipe.json", text);
  begun_ = Begun::Existing;
  return json;
}

RunDescription readDescription(const fs::path& runFolder) {
  const auto path = runFolder / "recipe.json";
  if (!fs::exists(path)) {
    throw Error(ErrorKind::BadData, runFolder, "this is not a run folder: it has no recipe.json",
                "choose the folder that holds recipe.json and checkpoints/");
  }
  return descriptionIn(config::parseJson(readTextFile(path), path), path);
}

fs::path runFolderOf(const fs::path& checkpoint) {
  auto folder = fs::absolute(checkpoint).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.parent_path().parent_path();
}

RunDescription describeRunOf(const fs::path& checkpoint) {
  const auto run = runFolderOf(checkpoint);
  std::error_code hidden;
  if (fs::exists(run / "recipe.json", hidden)) return readDescription(run);
  const auto state = run_folder::readState(checkpoint);
  if (!state.contains("run")) return readDescription(run);  // which says what is missing
  return descriptionIn(state["run"], checkpoint / "state.json");
}

}  // namespace dw::run_folder
