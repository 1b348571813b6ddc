// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/unpack_cache.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "base/sha256.h"
#include "base/text_format.h"
#include "data/open_options.h"

namespace dw::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr std::uint64_t kEdge = 64U << 10;         // at both ends is compared with what was written
constexpr std::uint64_t kKeepFree = 256ULL << 20;  // of the disk, for everybody else
constexpr std::uint64_t kLookEvery = 64ULL << 20;  // bytes of unknown size between looks at the room left
constexpr double kUsualGib = 20.0;

fs::path cacheFolder() {
  const auto from = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (auto asked = from("DWB_CACHE"); !asked.empty()) return asked;
  if (const auto cache = from("XDG_CACHE_HOME"); !cache.empty()) return cache / "diffusion-workbench" / "data";
  if (const auto home = from("HOME"); !home.empty()) return home / ".cache" / "diffusion-workbench" / "data";
  throw Error(ErrorKind::Io, "there is no folder for unpacked data", "set DWB_CACHE to a folder with room");
}

std::uint64_t cap() {
  const char* text = std::getenv("DWB_CACHE_GIB");
  char* end = nullptr;
  const double asked = text == nullptr ? kUsualGib : std::strtod(text, &end);
  const bool good = text == nullptr || (end != text && asked >= 0.0 && asked < 1e6);
  return static_cast<std::uint64_t>((good ? asked : kUsualGib) * (1ULL << 30));
}

std::string keyOf(const Unpacking& unpacking) {
  const auto text = fs::absolute(unpacking.original.path()).lexically_normal().string() + '\n' +
                    std::to_string(unpacking.original.size()) + '\n' + std::to_string(unpacking.original.modifiedNs()) +
                    '\n' + unpacking.what;
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex().substr(0, 32);
}

/// Hash of both ends: a file that lost its blocks in a power cut has the right size too.
std::string edgesOf(const ReadFile& file) {
  Sha256 hash;
  std::vector<std::byte> bytes(std::min(kEdge, file.size()));
  file.read(0, bytes);
  hash.update(bytes);
  file.read(file.size() - bytes.size(), bytes);
  hash.update(bytes);
  return hash.hex();
}

struct Entry {
  fs::path facts, data;
  std::uint64_t bytes = 0;
  fs::file_time_type used;
};

/// Every whole entry; what belongs to none is removed, but for our own unfinished file. Under the lock only.
std::vector<Entry> entriesOf(const fs::path& folder, const fs::path& own) {
  std::vector<Entry> entries;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(folder, failed)) {
    if (file.path() == own) continue;
    auto other = file.path();
    const auto ending = file.path().extension();
    if (ending == ".part" || (ending == ".data" && !fs::exists(other.replace_extension(".json"), failed))) {
      fs::remove(file.path(), failed);
    } else if (ending == ".json") {
      const auto data = other.replace_extension(".data");
      const auto bytes = fs::file_size(data, failed);
      entries.push_back({file.path(), data, failed ? 0 : bytes, fs::last_write_time(file.path(), failed)});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  return entries;
}

/// Removes what was not used for longest until `needed` bytes, of which `written` are there, fit cap and disk.
void makeRoom(const fs::path& folder, std::uint64_t needed, std::uint64_t written, const fs::path& original,
              const fs::path& own = {}) {
  const auto entries = entriesOf(folder, own);
  std::uint64_t kept = 0;
  for (const auto& entry : entries) kept += entry.bytes;
  const auto onDisk = [&] { return freeDiskSpace(folder) >= needed - written + kKeepFree; };
  std::error_code ignored;
  for (const auto& entry : entries) {
    if (needed > cap() || (kept + needed <= cap() && onDisk())) break;
    fs::remove(entry.facts, ignored);
    fs::remove(entry.data, ignored);
    kept -= entry.bytes;
  }
  const auto size = mebibytesText(needed + (1U << 20));
  if (needed > cap()) {
    throw Error(
        ErrorKind::DiskFull, original,
        "unpacked, this data takes " + size + ", more than unpacked data may take altogether",
        "set DWB_CACHE_GIB above " + std::to_string(needed >> 30) + ", or write the data unpacked by `dwb convert`");
  }
  if (!onDisk()) {
    throw Error(ErrorKind::DiskFull, original,
                "unpacked, this data takes " + size + ", which the disk of " + folder.string() + " has not free",
                "free some space there, or set DWB_CACHE to a folder on another disk");
  }
}

void report(const OpenOptions& options, const fs::path& original, const std::string& activity, double fraction) {
  if (options.progress && !options.progress(activity, fraction))
    throw Error(ErrorKind::Cancelled, original, "unpacking was stopped");
}

/// Waits for the lock of the folder, which the system takes from the dead.
std::unique_ptr<FileLock> lockedBy(const fs::path& folder, const OpenOptions& options, const fs::path& original) {
  while (true) {
    try {
      return std::make_unique<FileLock>(folder / "lock");
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::Busy) throw;
    }
    report(options, original, "waiting for another program that unpacks data", 0.0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// Writes the temporary file.
void writePart(const fs::path& part, const Unpacking& unpacking, const OpenOptions& options,
               const std::function<void(const Put&)>& produce) {
  const auto& original = unpacking.original.path();
  makeRoom(part.parent_path(), std::max(unpacking.bytes, kLookEvery), 0, original);
  AppendFile file(part, 0);
  std::uint64_t written = 0, allowed = std::max(unpacking.bytes, kLookEvery);
  produce([&](std::span<const std::byte> bytes, double fraction) {
    report(options, original, "unpacking the dataset, once", fraction);
    if (written + bytes.size() > allowed) {
      allowed = written + bytes.size() + kLookEvery;
      makeRoom(part.parent_path(), allowed, written, original, part);
    }
    file.append(bytes);
    written += bytes.size();
  });
  if (unpacking.bytes != 0 && written != unpacking.bytes)
    throw Error(ErrorKind::BadData, original, "unpacked, the data has another size than the file says",
                "fetch the file again");
  file.sync();
}

}  // namespace

std::shared_ptr<const ReadFile> unpackedBefore(const Unpacking& unpacking) {
  try {
    const auto stem = cacheFolder() / keyOf(unpacking);
    const auto facts = json::parse(readTextFile(stem.string() + ".json"));
    auto file = std::make_shared<const ReadFile>(stem.string() + ".data");
    const bool whole = facts.at("bytes") == file->size() && (unpacking.bytes == 0 || unpacking.bytes == file->size());
    if (!whole || facts.at("edges") != edgesOf(*file)) return nullptr;
    std::error_code ignored;
    fs::last_write_time(stem.string() + ".json", fs::file_time_type::clock::now(), ignored);
    return file;
  } catch (const std::exception&) {  // missing or damaged: it is made again
    return nullptr;
  }
}

std::shared_ptr<const ReadFile> unpackedFile(const Unpacking& unpacking, const OpenOptions& options,
                                             const std::function<void(const Put& put)>& produce) {
  if (auto file = unpackedBefore(unpacking)) return file;
  const auto folder = cacheFolder();
  const auto& original = unpacking.original.path();
  try {
    fs::create_directories(folder);
    const auto lock = lockedBy(folder, options, original);
    if (auto file = unpackedBefore(unpacking)) return file;  // another one made it meanwhile
    const auto stem = folder / keyOf(unpacking);
    const auto part = fs::path(stem.string() + ".part"), data = fs::path(stem.string() + ".data");
    try {
      writePart(part, unpacking, options, produce);
      fs::rename(part, data);
      auto file = std::make_shared<const ReadFile>(data);
      const json facts{{"format", 1},
                       {"original", fs::absolute(original).string()},
                       {"array", unpacking.what},
                       {"bytes", file->size()},
                       {"edges", edgesOf(*file)}};
      writeFileAtomically(fs::path(stem.string() + ".json"), facts.dump());
      return file;
    } catch (...) {
      std::error_code ignored;
      for (const auto& left : {part, data}) fs::remove(left, ignored);
      throw;
    }
  } catch (const fs::filesystem_error& e) {
    throw Error(ErrorKind::Io, folder, "could not keep unpacked data here: " + e.code().message(),
                "set DWB_CACHE to a folder that you may write to");
  }
}

}  // namespace dw::data
