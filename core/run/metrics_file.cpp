// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/metrics_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/error.h"

namespace dw::run {
namespace {

static_assert(std::endian::native == std::endian::little, "records are written as they lie in memory");
constexpr std::size_t kStoredBytes = 232;
static_assert(std::is_trivially_copyable_v<StepMetrics> && offsetof(StepMetrics, updateRatio) == kStoredBytes, "the file's format depends on it");

constexpr std::array<char, 8> kMagic{'D', 'W', 'B', 'M', 'E', 'T', 'R', '1'};
constexpr std::uint32_t kFormat = 1;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t recordBytes = 0;
};
static_assert(sizeof(Header) == 16);

struct Record {
  std::uint32_t crc = 0;  ///< CRC-32 of everything after it
  std::uint32_t segment = 0;
  std::array<std::byte, kStoredBytes> metrics{};
};
static_assert(sizeof(Record) == kMetricsRecordBytes);

StepMetrics metricsOf(const Record& record) {
  StepMetrics metrics;
  std::memcpy(static_cast<void*>(&metrics), record.metrics.data(), kStoredBytes);
  return metrics;
}

std::uint32_t checksum(const Record& record) {
  const auto* bytes = reinterpret_cast<const Bytef*>(&record);
  constexpr auto kSkip = sizeof(record.crc);
  return static_cast<std::uint32_t>(crc32(0, bytes + kSkip, sizeof(Record) - kSkip));
}

void checkHeader(const ReadFile& file) {
  Header header;
  file.read(0, std::as_writable_bytes(std::span(&header, 1)));
  if (header.magic != kMagic) throw Error(ErrorKind::BadData, file.path(), "this is not a metrics file of a run",
                                            "move it away: the run goes on from its checkpoint without its past curves", 0);
  if (header.format != kFormat || header.recordBytes != sizeof(Record)) {
    throw Error(ErrorKind::BadData, file.path(),
                "the metrics are in format " + std::to_string(header.format) + ", which this program does not know",
                "use a newer version of the program");
  }
}

/// Calls use(record) for each good record; says how many bytes of the file are good.
template <typename Use>
std::uint64_t forEachRecord(const std::filesystem::path& path, Use use) {
  constexpr std::size_t kBlock = 4096;
  const ReadFile file(path);
  std::uint64_t end = 0;
  for (bool more = true; more;) {
    const auto part = readMetricsPart(file, end, kBlock);
    for (const auto& record : part.records) use(record);
    end = part.end;
    more = part.more;
  }
  return end;
}

}  // namespace

bool isNewerMetrics(const ReadFile& file) {
  Header header{.magic = {}};
  file.readSome(0, std::as_writable_bytes(std::span(&header, 1)));
  return header.magic == kMagic && header.format > kFormat;
}

MetricsPart readMetricsPart(const ReadFile& file, std::uint64_t offset, std::size_t most) {
  MetricsPart part{.records = {}, .end = offset};
  if (file.size() < sizeof(Header)) return part;
  if (offset < sizeof(Header)) {
    checkHeader(file);
    part.end = sizeof(Header);
  }
  const auto left = file.size() > part.end ? (file.size() - part.end) / sizeof(Record) : 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, left));
  part.records.reserve(wanted);
  constexpr std::size_t kPiece = 512;  // stays in the processor's cache
  std::vector<Record> block(std::min(wanted, kPiece));
  while (part.records.size() < wanted) {
    const auto piece = std::span(block).first(std::min(block.size(), wanted - part.records.size()));
    const auto whole = file.readSome(part.end, std::as_writable_bytes(piece)) / sizeof(Record);
    for (const auto& record : piece.first(whole)) {
      if (checksum(record) != record.crc) {
        part.damaged = part.records.size() + 1 < left;
        return part;
      }
      part.records.push_back({record.segment, metricsOf(record)});
      part.end += sizeof(Record);
    }
    if (whole < piece.size()) return part;  // it was cut meanwhile
  }
  part.more = wanted < left;
  return part;
}

std::optional<MetricsRecord> readLastMetrics(const ReadFile& file) {
  if (file.size() < sizeof(Header) + sizeof(Record)) return std::nullopt;
  checkHeader(file);
  auto index = (file.size() - sizeof(Header)) / sizeof(Record);
  constexpr int kTries = 64;  // a torn end is at most a block of the disk
  for (int i = 0; i < kTries && index > 0; ++i) {
    Record record;
    file.read(sizeof(Header) + --index * sizeof(Record), std::as_writable_bytes(std::span(&record, 1)));
    if (checksum(record) == record.crc) return MetricsRecord{record.segment, metricsOf(record)};
  }
  return std::nullopt;
}

std::optional<StepMetrics> readMetricsOf(const ReadFile& file, std::int64_t step) {
  if (file.size() < sizeof(Header)) return std::nullopt;
  checkHeader(file);
  constexpr std::uint64_t kBlock = 1024;
  for (auto end = (file.size() - sizeof(Header)) / sizeof(Record); end > 0;) {
    const auto begin = end - std::min(end, kBlock);
    const auto records = readMetricsPart(file, sizeof(Header) + begin * sizeof(Record), static_cast<std::size_t>(end - begin)).records;
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      if (record->metrics.step == step) return record->metrics;
    }
    end = begin;
  }
  return std::nullopt;
}

MetricsWriter::Opened MetricsWriter::inspect(const std::filesystem::path& path) {
  Opened opened;
  if (!std::filesystem::exists(path)) return opened;
  opened.goodBytes = forEachRecord(path, [&](const MetricsRecord& r) { opened.nextSegment = std::max(opened.nextSegment, r.segment + 1); });
  return opened;
}

MetricsWriter::MetricsWriter(const std::filesystem::path& path) : MetricsWriter(path, inspect(path)) {}

MetricsWriter::MetricsWriter(const std::filesystem::path& path, const Opened& opened)
    : file_(path, opened.goodBytes), segment_(opened.nextSegment) {
  if (opened.goodBytes > 0) return;
  const Header header{.recordBytes = sizeof(Record)};
  file_.append(std::as_bytes(std::span(&header, 1)));
  file_.sync();  // a header of zeros, after a power cut, would be taken for another format
}

void MetricsWriter::append(const StepMetrics& metrics) {
  Record record{.segment = segment_};
  std::memcpy(record.metrics.data(), &metrics, kStoredBytes);
  record.crc = checksum(record);
  file_.append(std::as_bytes(std::span(&record, 1)));
}

std::vector<MetricsRecord> readMetricsRecords(const std::filesystem::path& path) {
  std::vector<MetricsRecord> all;
  if (!std::filesystem::exists(path)) return all;
  forEachRecord(path, [&](const MetricsRecord& r) { all.push_back(r); });
  return all;
}

std::vector<StepMetrics> readMetrics(const std::filesystem::path& path) {
  const auto records = readMetricsRecords(path);
  std::vector<StepMetrics> kept;
  kept.reserve(records.size());
  // Backwards: a record counts if every later one has a higher step.
  auto next = std::numeric_limits<std::int64_t>::max();
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (record->metrics.step >= next) continue;
    next = record->metrics.step;
    kept.push_back(record->metrics);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace dw::run
