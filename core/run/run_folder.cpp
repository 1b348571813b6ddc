// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/run_folder.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"
#include "run/version.h"

namespace dw::run {
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
    if (good) out += c;
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  constexpr std::size_t kLongest = 40;
  out.resize(std::min(out.size(), kLongest));
  return out.empty() ? "run" : out;
}

[[noreturn]] void fail(const fs::filesystem_error& e, const fs::path& path) {
  const bool full = e.code() == std::errc::no_space_on_device;
  throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, path, "could not make the run folder: " + e.code().message(),
              full ? "free some space on that disk" : "choose a place where you may write (option --run, or DWB_RUNS)");
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
    if (!fs::exists(candidate)) return candidate;
  }
}

RunFolder::RunFolder(fs::path path, bool fresh) : path_(std::move(path)), removeIfUnused_(fresh) {
  lock_ = std::make_unique<FileLock>(path_ / ".lock");
}

std::unique_ptr<RunFolder> RunFolder::create(const fs::path& path) {
  const bool existed = fs::exists(path);
  if (fs::exists(path / "recipe.json")) {
    if (isLocked(path / ".lock")) open(path);  // throws Busy, which says more
    throw Error(ErrorKind::Usage, path, "there is a run in this folder already",
                "go on with it (--resume), or choose another folder");
  }
  if (existed && (!fs::is_directory(path) || !fs::is_empty(path))) {
    const bool busy = fs::is_directory(path) && isLocked(path / ".lock");
    if (!busy) throw Error(ErrorKind::Usage, path, "this is not an empty folder", "choose a new or an empty folder");
  }
  try {
    fs::create_directories(path);
  } catch (const fs::filesystem_error& e) {
    fail(e, path);
  }
  return std::unique_ptr<RunFolder>(new RunFolder(path, !existed));
}

std::unique_ptr<RunFolder> RunFolder::open(const fs::path& path) {
  readDescription(path);
  return std::unique_ptr<RunFolder>(new RunFolder(path, false));
}

RunFolder::~RunFolder() {
  if (!removeIfUnused_) return;
  std::error_code ignored;  // an empty folder left behind harms nobody
  fs::remove_all(path_, ignored);
}

void RunFolder::describe(const RunDescription& description) {
  const nlohmann::json json{{"format", kFormat},
                            {"program", std::string("diffusion-workbench ") + kProgramVersion},
                            {"created", std::time(nullptr)},
                            {"data", {{"path", description.data}, {"identity", description.identity}}},
                            {"recipe", config::toJson(description.recipe)}};
  writeFileAtomically(path_ / "recipe.json", json.dump(1) + "\n");
  removeIfUnused_ = false;
}

RunDescription readDescription(const fs::path& runFolder) {
  const auto path = runFolder / "recipe.json";
  if (!fs::exists(path)) {
    throw Error(ErrorKind::BadData, runFolder, "this is not a run folder: it has no recipe.json",
                "choose the folder that holds recipe.json and checkpoints/");
  }
  const auto json = config::parseJson(readTextFile(path), path);
  if (!json.is_object() || !json.contains("recipe") || !json.contains("data") || !json["data"].is_object()) {
    throw Error(ErrorKind::BadData, path, "recipe.json does not describe a run", "it may be damaged");
  }
  if (json.value("format", 0) > kFormat) {
    throw Error(ErrorKind::BadData, path, "this run was written by a newer version of the program", "use that version or a newer one");
  }
  return {.recipe = config::recipeFromJson(json["recipe"]),
          .data = json["data"].value("path", ""),
          .identity = json["data"].value("identity", nlohmann::json::object())};
}

}  // namespace dw::run
