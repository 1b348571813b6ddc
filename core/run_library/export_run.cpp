// SPDX-License-Identifier: GPL-3.0-or-later
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text_format.h"
#include "base/version.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/liveness.h"
#include "run_folder/run_folder.h"
#include "run_library/output_file.h"
#include "run_library/run_actions.h"
#include "run_library/run_archive.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;

bool isPlain(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.size() > 200) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

bool endsInOneOf(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](auto ending) { return name.size() > ending.size() && name.ends_with(ending); });
}

bool isStepFolder(std::string_view name) {
  constexpr std::string_view kPrefix = "step-";
  if (!name.starts_with(kPrefix) || name.size() == kPrefix.size() || name.size() > 24) return false;
  return std::all_of(name.begin() + kPrefix.size(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Item {
  fs::path file;
  std::string name;  ///< in the archive
  std::uint64_t bytes = 0;
};

/// The files of the run that go into the archive, and sentences for those that do not.
std::vector<Item> itemsOf(const fs::path& run, const std::string& prefix, std::vector<std::string>& leftOut) {
  std::vector<std::string> complete;
  for (const auto& info : run_folder::CheckpointStore(run / "checkpoints").list())
    complete.push_back(info.folder.filename().string());
  std::vector<Item> items;
  for (auto entry = fs::recursive_directory_iterator(run); entry != fs::recursive_directory_iterator(); ++entry) {
    const auto relative = entry->path().lexically_relative(run);
    const auto name = relative.generic_string();
    const bool link = entry->is_symlink(), folder = !link && entry->is_directory();
    const bool hidden = relative.filename().string().starts_with(".");
    if (folder && isStepFolder(relative.filename().string()) &&
        std::find(complete.begin(), complete.end(), relative.filename().string()) == complete.end()) {
      leftOut.push_back(name + " is no complete checkpoint");
      entry.disable_recursion_pending();
    } else if (hidden) {
      if (folder) entry.disable_recursion_pending();
    } else if (!folder && !link && entry->is_regular_file() && isRunFile(name)) {
      std::string inArchive = prefix;
      inArchive.append("/").append(name);
      items.push_back({entry->path(), inArchive, entry->file_size()});
    } else if (!folder) {
      leftOut.push_back(name + " is no file of a run");
    }
  }
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return items;
}

/// A zip file being put together; its callbacks are C functions with a pointer to this.
class Writer {
 public:
  Writer(const fs::path& path, const ShouldContinue& shouldContinue) : path_(path), shouldContinue_(shouldContinue) {
    int code = 0;
    zip_ = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (zip_ == nullptr) {
      zip_error_t error;
      zip_error_init_with_code(&error, code);
      const std::string why = zip_error_strerror(&error);
      zip_error_fini(&error);
      throw Error(ErrorKind::Io, path, "could not make the file: " + why, "choose another place");
    }
  }
  ~Writer() {
    if (zip_ != nullptr) zip_discard(zip_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(const Item& item) {
    put(item.name, zip_source_file(zip_, item.file.c_str(), 0, static_cast<zip_int64_t>(item.bytes)));
  }
  void addText(const std::string& name, const std::string& text) {
    put(name, zip_source_buffer(zip_, text.data(), text.size(), 0));
  }

  /// Writes it all; false = cancelled. The texts must still live.
  bool close() {
    zip_register_progress_callback_with_state(
        zip_, 0.002, [](zip_t*, double done, void* self) { static_cast<Writer*>(self)->ask(done); }, nullptr, this);
    zip_register_cancel_callback_with_state(
        zip_, [](zip_t*, void* self) { return static_cast<Writer*>(self)->cancelled_ ? 1 : 0; }, nullptr, this);
    if (zip_close(zip_) == 0) {
      zip_ = nullptr;
      return true;
    }
    if (cancelled_) return false;
    fail();
  }

 private:
  void ask(double done) { cancelled_ = cancelled_ || (shouldContinue_ && !shouldContinue_(done)); }

  void put(const std::string& name, zip_source_t* source) {
    const auto index = source == nullptr ? -1 : zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail();
    }
    if (zip_set_file_compression(zip_, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) != 0) fail();
  }

  [[noreturn]] void fail() {
    const auto* error = zip_get_error(zip_);
    const bool full = zip_error_code_system(error) == ENOSPC;
    throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, path_,
                std::string("could not write the run into one file: ") + zip_strerror(zip_),
                full ? "free some space on that disk" : "try again, or choose another place");
  }

  const fs::path& path_;
  const ShouldContinue& shouldContinue_;
  zip_t* zip_ = nullptr;
  bool cancelled_ = false;
};

void refuseFullDisk(const fs::path& target, const std::vector<Item>& items) {
  std::uint64_t needed = 1U << 20;
  for (const auto& item : items) needed += item.bytes + 2 * item.name.size() + 256;
  const auto parent = fs::absolute(target).parent_path();
  const auto free = freeDiskSpace(parent);
  if (needed <= free) return;
  throw Error(ErrorKind::DiskFull, parent,
              "the run needs " + mebibytesText(needed) + " there, but only " + mebibytesText(free) + " are free",
              "free some space on that disk, or choose another one");
}

}  // namespace

bool isRunFile(std::string_view path) {
  for (const char* name : {"recipe.json", "metrics.bin", "metrics.h5", "validation.bin", "updates.bin", "log.jsonl",
                           "notes.json", "summary.json"}) {
    if (path == name) return true;
  }
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return false;
  const auto folder = path.substr(0, slash);
  auto rest = path.substr(slash + 1);
  if (folder == "samples") return isPlain(rest) && endsInOneOf(rest, {".png", ".json", ".h5", ".npz", ".safetensors"});
  if (folder != "checkpoints") return false;
  const auto second = rest.find('/');
  if (second == std::string_view::npos) return isPlain(rest) && endsInOneOf(rest, {".json"});
  if (!isStepFolder(rest.substr(0, second))) return false;
  rest.remove_prefix(second + 1);
  return rest == "pinned" || (isPlain(rest) && endsInOneOf(rest, {".safetensors", ".json", ".png"}));
}

Transferred exportRun(const fs::path& run, const fs::path& target, const ShouldContinue& shouldContinue) {
  run_folder::readDescription(run);
  const auto lock = run_folder::holdRun(run);
  Transferred out{.cancelled = false, .path = target, .leftOut = {}};
  const auto items = itemsOf(run, run.filename().string(), out.leftOut);
  refuseFullDisk(target, items);
  const auto temporary = temporaryBeside(target);
  const auto manifest =
      nlohmann::json{{"format", kArchiveFormat}, {"kind", "run"}, {"program", kProgramVersion}}.dump(1) + "\n";
  try {
    Writer zip(temporary, shouldContinue);
    zip.addText(kManifest, manifest);
    for (const auto& item : items) zip.add(item);
    out.cancelled = !zip.close();
    if (out.cancelled) return out;
    syncPath(temporary);
    renameDurably(temporary, target);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  return out;
}

}  // namespace dw::run_library
