// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/record_file.h"

#include <cstring>
#include <limits>
#include <ranges>

#include "base/error.h"
#include "run_folder/record_header.h"

namespace dw::run_folder {
namespace {

/// In front of each value.
struct Prefix {
  std::uint32_t crc = 0;  ///< CRC-32 of everything after it
  std::uint32_t segment = 0;
};
/// in a segment: no value, but a step after which all before it is abandoned
constexpr std::uint32_t kMark = 1U << 31;
constexpr RecordWords kWords{.notOne = "this is not a file of measurements of a run",
                             .remedy = "move it away: the run does without its past values",
                             .content = "the measurements"};

std::uint32_t recordBytes(const RecordKind& kind) {
  return static_cast<std::uint32_t>(sizeof(Prefix)) + kind.valueBytes;
}

RecordHeader headerOf(const RecordKind& kind) {
  RecordHeader header{.recordBytes = recordBytes(kind)};
  std::copy_n(kind.magic.begin(), std::min(kind.magic.size(), header.magic.size()), header.magic.begin());
  return header;
}

/// The whole, undamaged records from the start of the file on.
std::vector<std::byte> goodRecords(const ReadFile& file, const RecordKind& kind) {
  if (file.size() < sizeof(RecordHeader)) return {};
  checkHeader(file, headerOf(kind), kWords);
  const std::size_t size = recordBytes(kind);
  std::vector<std::byte> all((file.size() - sizeof(RecordHeader)) / size * size);
  all.resize(file.readSome(sizeof(RecordHeader), all) / size * size);
  for (std::size_t at = 0; at < all.size(); at += size) {
    Prefix prefix;
    std::memcpy(&prefix, &all[at], sizeof prefix);
    if (recordChecksum(std::span(all).subspan(at, size)) == prefix.crc) continue;
    all.resize(at);
  }
  return all;
}

}  // namespace

RecordWriter::Opened RecordWriter::inspect(const std::filesystem::path& path, const RecordKind& kind) {
  Opened opened;
  if (!std::filesystem::exists(path)) return opened;
  const ReadFile file(path);
  const auto records = goodRecords(file, kind);
  if (file.size() >= sizeof(RecordHeader)) opened.goodBytes = sizeof(RecordHeader) + records.size();
  for (std::size_t at = 0; at < records.size(); at += recordBytes(kind)) {
    Prefix prefix;
    std::memcpy(&prefix, &records[at], sizeof prefix);
    opened.nextSegment = std::max(opened.nextSegment, (prefix.segment & ~kMark) + 1);
  }
  return opened;
}

RecordWriter::RecordWriter(const std::filesystem::path& path, const RecordKind& kind, std::int64_t firstStep)
    : RecordWriter(path, kind, inspect(path, kind)) {
  if (segment_ > 0) mark(firstStep);
}

RecordWriter::RecordWriter(const std::filesystem::path& path, const RecordKind& kind, const Opened& opened)
    : kind_(kind), file_(path, opened.goodBytes), segment_(opened.nextSegment) {
  if (opened.goodBytes == 0) beginRecords(file_, headerOf(kind));
}

void RecordWriter::mark(std::int64_t step) {
  std::vector<std::byte> value(kind_.valueBytes);
  std::memcpy(value.data(), &step, sizeof step);
  write(value, segment_ | kMark);
}

void RecordWriter::abandonAfter(std::int64_t step) {
  ++segment_;
  mark(step);
}

void RecordWriter::write(std::span<const std::byte> value, std::uint32_t segment) {
  if (value.size() != kind_.valueBytes) throw Error(ErrorKind::Internal, "a measurement has the wrong size");
  std::vector<std::byte> record(recordBytes(kind_));
  Prefix prefix{.crc = 0, .segment = segment};
  std::memcpy(record.data(), &prefix, sizeof prefix);
  std::copy(value.begin(), value.end(), record.begin() + sizeof prefix);
  prefix.crc = recordChecksum(record);
  std::memcpy(record.data(), &prefix, sizeof prefix);
  file_.append(record);
}

std::vector<std::byte> readRecords(const std::filesystem::path& path, const RecordKind& kind) {
  if (!std::filesystem::exists(path)) return {};
  const auto records = goodRecords(ReadFile(path), kind);
  const std::size_t size = recordBytes(kind);
  // Backwards: a record counts if every later one has a higher step, and every later mark stands at it or above.
  std::vector<std::size_t> counting;
  auto next = std::numeric_limits<std::int64_t>::max();
  for (auto end = records.size(); end > 0; end -= size) {
    const auto value = end - kind.valueBytes;
    std::int64_t step = 0;
    std::memcpy(&step, &records[value], sizeof step);
    Prefix prefix;
    std::memcpy(&prefix, &records[end - size], sizeof prefix);
    if ((prefix.segment & kMark) != 0) {
      if (step < next) next = step + 1;
      continue;
    }
    if (step >= next) continue;
    next = step;
    counting.push_back(value);
  }
  std::vector<std::byte> values;
  values.reserve(counting.size() * kind.valueBytes);
  for (const auto value : std::views::reverse(counting)) {
    const auto begin = records.begin() + static_cast<std::ptrdiff_t>(value);
    values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(kind.valueBytes));
  }
  return values;
}

}  // namespace dw::run_folder
