// SPDX-License-Identifier: GPL-3.0-or-later
#include <zip.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/text_format.h"
#include "config/recipe_json.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/run_folder.h"
#include "run_library/output_file.h"
#include "run_library/run_actions.h"
#include "run_library/run_archive.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;
constexpr const char* kUnpacking = ".importing-";
constexpr std::uint64_t kDiskReserve = 64U << 20;  ///< stays free
constexpr std::int64_t kMostEntries = 100'000;

struct Entry {
  std::uint64_t index = 0;
  std::string path;  ///< below the run's folder
  std::uint64_t bytes = 0;
};

class Archive {
 public:
  explicit Archive(const fs::path& path) : path_(path) {
    ReadFile(path).size();  // a missing file or a folder: its own sentence
    int code = 0;
    zip_.reset(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (!zip_) refuse("it is no zip file, or is cut off");
    const auto count = zip_get_num_entries(zip_.get(), 0);
    if (count > kMostEntries) refuse("it holds more files than a run can have");
    for (zip_int64_t i = 0; i < count; ++i) take(static_cast<zip_uint64_t>(i));
    findRun();
  }

  const std::string& name() const noexcept { return name_; }
  const std::vector<Entry>& entries() const noexcept { return entries_; }

  /// Hands the bytes of an entry on, piece by piece. Throws Error if they are not those that the directory promises.
  template <typename Use>
  void read(const Entry& entry, Use use) const {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip_.get(), entry.index, 0),
                                                                 zip_fclose);
    if (!file) refuse("'" + entry.path + "' cannot be unpacked");
    std::vector<std::byte> piece(1U << 20);
    std::uint64_t done = 0;
    while (true) {
      const auto got = zip_fread(file.get(), piece.data(), piece.size());
      if (got < 0) refuse("'" + entry.path + "' is damaged");
      if (got == 0) break;
      done += static_cast<std::uint64_t>(got);
      if (done > entry.bytes) refuse("'" + entry.path + "' holds more than it says");
      use(std::span(piece).first(static_cast<std::size_t>(got)));
    }
    if (done != entry.bytes) refuse("'" + entry.path + "' holds less than it says");
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::BadData, path_, "this file is not imported: " + why,
                "export the run again, or ask its sender for a whole copy");
  }

 private:
  void take(zip_uint64_t index) {
    zip_stat_t facts;
    zip_stat_init(&facts);
    constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(zip_.get(), index, ZIP_FL_ENC_RAW, &facts) != 0 || (facts.valid & kNeeded) != kNeeded)
      refuse("its directory is damaged");
    if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && facts.encryption_method != ZIP_EM_NONE)
      refuse("it is encrypted");
    if (facts.comp_method != ZIP_CM_STORE && facts.comp_method != ZIP_CM_DEFLATE)
      refuse("it is packed in an unusual way");
    const std::string name = facts.name;
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(zip_.get(), index, 0, &system, &attributes) == 0 && system == ZIP_OPSYS_UNIX) {
      constexpr std::uint32_t kType = 0170000, kRegular = 0100000, kFolder = 0040000;
      const auto type = (attributes >> 16) & kType;
      if (type != 0 && type != kRegular && type != kFolder) refuse("'" + name + "' is a link or a device");
    }
    if (name.ends_with("/")) return;  // a folder: made when a file needs it
    if (!names_.insert(name).second) refuse("'" + name + "' is in it twice");
    entries_.push_back({index, name, facts.size});
  }

  /// Which folder in it is the run; takes that off all names, and refuses whatever else there is.
  void findRun() {
    std::string prefix;
    bool found = false;
    for (const auto& entry : entries_) {
      const auto slash = entry.path.find('/');
      if (entry.path == "recipe.json" ||
          (slash != std::string::npos && entry.path.substr(slash + 1) == "recipe.json")) {
        if (found) refuse("it holds more than one run");
        found = true;
        prefix = slash == std::string::npos ? "" : entry.path.substr(0, slash + 1);
      }
    }
    if (!found) refuse("there is no recipe.json in it, so it is no run");
    name_ = prefix.empty() ? path_.stem().string() : prefix.substr(0, prefix.size() - 1);
    std::erase_if(entries_, [&](const Entry& entry) {
      if (entry.path != kManifest) return false;
      checkManifest(entry);
      return true;
    });
    for (auto& entry : entries_) {
      if (!entry.path.starts_with(prefix) || !isRunFile(std::string_view(entry.path).substr(prefix.size()))) {
        refuse("'" + entry.path + "' is no file of a run");
      }
      entry.path.erase(0, prefix.size());
    }
  }

  void checkManifest(const Entry& entry) const {
    constexpr std::uint64_t kLongest = 64U << 10;
    if (entry.bytes > kLongest) refuse("its format is not known");
    std::string text;
    read(entry, [&](std::span<const std::byte> piece) {
      text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    });
    const auto manifest = config::parseJson(text, path_);
    if (!manifest.is_object()) refuse("its format is not known");
    config::refuseNewerFormat(manifest, kArchiveFormat, path_, "this file of a run");
  }

  struct Discard {
    void operator()(zip_t* zip) const { zip_discard(zip); }
  };

  fs::path path_;
  std::unique_ptr<zip_t, Discard> zip_;
  std::set<std::string> names_;
  std::vector<Entry> entries_;
  std::string name_;
};

/// Unpacks everything; false = cancelled.
bool unpack(const Archive& archive, const fs::path& folder, std::uint64_t total, const ShouldContinue& shouldContinue) {
  std::uint64_t done = 0;
  bool cancelled = false;
  for (const auto& entry : archive.entries()) {
    const auto target = folder / entry.path;
    makeFolders(target.parent_path());
    AppendFile file(target, 0);
    archive.read(entry, [&](std::span<const std::byte> piece) {
      if (cancelled) return;
      done += piece.size();
      cancelled = shouldContinue && !shouldContinue(0.9 * static_cast<double>(done) /
                                                    static_cast<double>(std::max<std::uint64_t>(total, 1)));
      if (!cancelled) file.append(piece);
    });
    if (cancelled) return false;
    file.sync();
  }
  return true;
}

/// Compares every checkpoint with its hashes; takes out what is damaged.
void keepGoodCheckpoints(const fs::path& run, std::vector<std::string>& leftOut) {
  std::vector<fs::path> folders;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", absent)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  for (const auto& folder : folders) {
    try {
      run_folder::verify(folder);
    } catch (const std::exception& e) {
      leftOut.push_back("checkpoint " + folder.filename().string() + " is damaged: " + e.what());
      fs::remove_all(folder);
    }
  }
}

void refuseFullDisk(const fs::path& runs, std::uint64_t total) {
  const auto free = freeDiskSpace(runs);
  if (total <= free && free - total >= kDiskReserve) return;
  throw Error(ErrorKind::DiskFull, runs,
              "the run needs " + mebibytesText(total) + " there, but only " + mebibytesText(free) + " are free",
              "free some space on that disk, or choose another folder for the runs (DWB_RUNS)");
}

/// What a crash in the middle of an import left behind.
void removeOldLeftovers(const fs::path& runs) {
  constexpr auto kAge = std::chrono::hours(24);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(runs, ignored)) {
    if (!entry.path().filename().string().starts_with(kUnpacking)) continue;
    const auto date = fs::last_write_time(entry.path(), ignored);
    if (!ignored && fs::file_time_type::clock::now() - date > kAge) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

Transferred importRun(const fs::path& file, const fs::path& runs, const ShouldContinue& shouldContinue) {
  const Archive archive(file);
  for (const auto& problem : checkRunName(archive.name()))
    archive.refuse("the run's name is no good: " + problem.sentence);
  std::uint64_t total = 0;
  for (const auto& entry : archive.entries()) {
    if (entry.bytes > (std::uint64_t{1} << 60)) archive.refuse("'" + entry.path + "' says it has an impossible size");
    total += entry.bytes;
  }
  Transferred out;
  fs::path temporary;
  try {
    makeFolders(runs);
    removeOldLeftovers(runs);
    refuseFullDisk(runs, total);
    temporary = temporaryBeside(runs / (kUnpacking + archive.name().substr(0, 100)));
    fs::create_directory(temporary);
    out.cancelled = !unpack(archive, temporary, total, shouldContinue);
    if (!out.cancelled) {
      run_folder::readDescription(temporary);
      keepGoodCheckpoints(temporary, out.leftOut);
      out.path = runs / freeName(runs, archive.name());
      renameDurably(temporary, out.path);
      return out;
    }
  } catch (const fs::filesystem_error& e) {
    std::error_code ignored;
    if (!temporary.empty()) fs::remove_all(temporary, ignored);
    const bool full = e.code() == std::errc::no_space_on_device;
    throw Error(full ? ErrorKind::DiskFull : ErrorKind::Io, runs, "could not unpack the run: " + e.code().message(),
                full ? "free some space on that disk" : "check the rights of that folder");
  } catch (...) {
    std::error_code ignored;
    if (!temporary.empty()) fs::remove_all(temporary, ignored);
    throw;
  }
  fs::remove_all(temporary);
  return out;
}

}  // namespace dw::run_library
