// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dw {

/// A file opened for reading at any offset. Never maps memory: a file that shrinks meanwhile is an Error, not SIGBUS.
/// read() may be called from several threads at once.
class ReadFile {
 public:
  /// Throws Error (Io or BadData) with a sentence for: missing, a folder, not readable, not a regular file.
  explicit ReadFile(const std::filesystem::path& path);
  ~ReadFile();
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&& other) noexcept;
  ReadFile(const ReadFile&) = delete;
  ReadFile& operator=(const ReadFile&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Size in bytes when it was opened.
  std::uint64_t size() const noexcept { return size_; }

  /// Fills out from offset on. Throws Error BadData, naming the byte, if the file ends earlier; Io if reading fails.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  /// Reads up to out.size() bytes; says how many there were.
  std::size_t readSome(std::uint64_t offset, std::span<std::byte> out) const;
  /// Modification time in nanoseconds since 1970, read again at each call.
  std::int64_t modifiedNs() const;
  /// Throws Error BadData if the file was written to since it was opened (size or date differ), looked at once a second at
  /// most. A file that was deleted, or replaced by another one of its name, is still read as it was.
  void requireUnchanged() const;
  /// Tells the system that these bytes are read soon, so that the disk fetches several places at once. Only a hint.
  void prepareToRead(std::uint64_t offset, std::uint64_t count) const noexcept;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t openedNs_ = 0;                       ///< modification time when it was opened
  mutable std::atomic<std::int64_t> lookAgain_{0};  ///< when requireUnchanged looks next, by the steady clock
};

/// First bytes of a file, at most count. Throws Error Io.
std::vector<std::byte> headOf(const ReadFile& file, std::size_t count);

/// A file that grows by appending (metrics, logs). Writes go to the system at once: after a kill of the process nothing
/// that was appended is lost.
class AppendFile {
 public:
  /// Opens, or creates so that the new name survives a power cut. truncateTo: cuts the file to that many bytes first (a
  /// torn tail), unless it is npos.
  static constexpr std::uint64_t npos = ~std::uint64_t{0};
  explicit AppendFile(const std::filesystem::path& path, std::uint64_t truncateTo = npos);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Throws Error DiskFull or Io; a record written only in part is cut off again.
  void append(std::span<const std::byte> bytes);
  void append(const std::string& text);
  /// Waits until the disk has what was appended. May be called while another thread appends.
  void sync();

 private:
  void create();
  void cutBack();

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;  ///< of what was appended whole
  bool torn_ = false;       ///< part of a record stands beyond size_
  std::atomic<bool> unsynced_{true};
};

/// Whole small text file. Throws Error when it is missing, larger than limit bytes, or unreadable.
std::string readTextFile(const std::filesystem::path& path, std::uint64_t limit = 64ULL << 20);

/// Free bytes for this user on the disk that holds path (or its nearest existing parent).
std::uint64_t freeDiskSpace(const std::filesystem::path& path);

/// Asks the system to forget what it keeps of a file in memory, so that the disk itself is measured.
void dropFromMemory(const std::filesystem::path& path);

}  // namespace dw
