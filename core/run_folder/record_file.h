// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/file.h"

namespace dw::run_folder {

/// What a file of rare measurements beside metrics.bin holds: a 16-byte header (magic of eight letters, format, record size)
/// and records of one size, each with a CRC-32 and the segment of its writer (see MetricsRecord). Small files, read whole.
struct RecordKind {
  std::string_view magic;
  std::uint32_t valueBytes = 0;  ///< the value begins with its step, int64
};

/// Appends records; opens or creates the file and cuts off a torn end first. Throws Error.
class RecordWriter {
 public:
  /// firstStep: updates done before. What stands there of later steps is abandoned by a mark, and no longer counts.
  RecordWriter(const std::filesystem::path& path, const RecordKind& kind, std::int64_t firstStep);
  /// value: kind.valueBytes long. Throws Error; then nothing of it stands in the file.
  void append(std::span<const std::byte> value) { write(value, segment_); }
  /// The run went back to that step: what stands there of later ones no longer counts. Begins a new segment. Throws Error.
  void abandonAfter(std::int64_t step);
  void sync() { file_.sync(); }

 private:
  struct Opened {
    std::uint64_t goodBytes = 0;
    std::uint32_t nextSegment = 0;
  };
  static Opened inspect(const std::filesystem::path& path, const RecordKind& kind);
  RecordWriter(const std::filesystem::path& path, const RecordKind& kind, const Opened& opened);
  void write(std::span<const std::byte> value, std::uint32_t segment);
  void mark(std::int64_t step);

  RecordKind kind_;
  AppendFile file_;
  std::uint32_t segment_ = 0;
};

/// Values of the records that count, end to end, steps rising: where the run went back to an earlier step, what stood from
/// there on is left out. An absent file has none. Throws Error BadData if it is no such file or of a newer format.
std::vector<std::byte> readRecords(const std::filesystem::path& path, const RecordKind& kind);

/// The same as values of one type.
template <typename Value>
std::vector<Value> readRecordsAs(const std::filesystem::path& path, const RecordKind& kind) {
  static_assert(std::is_trivially_copyable_v<Value>);
  const auto bytes = readRecords(path, kind);
  std::vector<Value> values(bytes.size() / sizeof(Value));
  std::copy_n(bytes.begin(), values.size() * sizeof(Value), std::as_writable_bytes(std::span(values)).begin());
  return values;
}

}  // namespace dw::run_folder
