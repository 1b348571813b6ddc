// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/metrics_file.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <ranges>
#include <type_traits>

#include "run_folder/record_header.h"

namespace dw::run_folder {
namespace {

constexpr std::size_t kStoredBytes = 232;
static_assert(std::is_trivially_copyable_v<messages::StepMetrics> &&
                  offsetof(messages::StepMetrics, updateRatio) == kStoredBytes,
              "the file's format depends on it");

struct Record {
  std::uint32_t crc = 0;  ///< CRC-32 of everything after it
  std::uint32_t segment = 0;
  std::array<std::byte, kStoredBytes> metrics{};
};
static_assert(sizeof(Record) == kMetricsRecordBytes);

constexpr RecordHeader kHeader{.magic = {'D', 'W', 'B', 'M', 'E', 'T', 'R', '1'}, .recordBytes = sizeof(Record)};
constexpr RecordWords kWords{.notOne = "this is not a metrics file of a run",
                             .remedy = "move it away: the run goes on from its checkpoint without its past curves",
                             .content = "the metrics"};

messages::StepMetrics metricsOf(const Record& record) {
  messages::StepMetrics metrics;
  std::memcpy(static_cast<void*>(&metrics), record.metrics.data(), kStoredBytes);
  return metrics;
}

std::uint32_t checksum(const Record& record) { return recordChecksum(std::as_bytes(std::span(&record, 1))); }

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
  RecordHeader header;
  file.readSome(0, std::as_writable_bytes(std::span(&header, 1)));
  return header.magic == kHeader.magic && header.format > kHeader.format;
}

MetricsPart readMetricsPart(const ReadFile& file, std::uint64_t offset, std::size_t most) {
  MetricsPart part{.records = {}, .end = offset};
  if (file.size() < sizeof(RecordHeader)) return part;
  if (offset < sizeof(RecordHeader)) {
    checkHeader(file, kHeader, kWords);
    part.end = sizeof(RecordHeader);
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
  if (file.size() < sizeof(RecordHeader) + sizeof(Record)) return std::nullopt;
  checkHeader(file, kHeader, kWords);
  auto index = (file.size() - sizeof(RecordHeader)) / sizeof(Record);
  constexpr int kTries = 64;  // a torn end is at most a block of the disk
  for (int i = 0; i < kTries && index > 0; ++i) {
    Record record;
    file.read(sizeof(RecordHeader) + --index * sizeof(Record), std::as_writable_bytes(std::span(&record, 1)));
    if (checksum(record) == record.crc) return MetricsRecord{record.segment, metricsOf(record)};
  }
  return std::nullopt;
}

std::optional<messages::StepMetrics> readMetricsOf(const ReadFile& file, std::int64_t step) {
  if (file.size() < sizeof(RecordHeader)) return std::nullopt;
  checkHeader(file, kHeader, kWords);
  constexpr std::uint64_t kBlock = 1024;
  for (auto end = (file.size() - sizeof(RecordHeader)) / sizeof(Record); end > 0;) {
    const auto begin = end - std::min(end, kBlock);
    const auto records =
        readMetricsPart(file, sizeof(RecordHeader) + begin * sizeof(Record), static_cast<std::size_t>(end - begin))
            .records;
    for (const auto& record : std::views::reverse(records)) {
      if (record.metrics.step == step) return record.metrics;
    }
    end = begin;
  }
  return std::nullopt;
}

MetricsWriter::Opened MetricsWriter::inspect(const std::filesystem::path& path) {
  Opened opened;
  if (!std::filesystem::exists(path)) return opened;
  opened.goodBytes = forEachRecord(
      path, [&](const MetricsRecord& r) { opened.nextSegment = std::max(opened.nextSegment, r.segment + 1); });
  return opened;
}

MetricsWriter::MetricsWriter(const std::filesystem::path& path) : MetricsWriter(path, inspect(path)) {}

MetricsWriter::MetricsWriter(const std::filesystem::path& path, const Opened& opened)
    : file_(path, opened.goodBytes), segment_(opened.nextSegment) {
  if (opened.goodBytes == 0) beginRecords(file_, kHeader);
}

void MetricsWriter::append(const messages::StepMetrics& metrics) {
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

std::vector<messages::StepMetrics> readMetrics(const std::filesystem::path& path) {
  const auto records = readMetricsRecords(path);
  std::vector<messages::StepMetrics> kept;
  kept.reserve(records.size());
  // Backwards: a record counts if every later one has a higher step.
  auto next = std::numeric_limits<std::int64_t>::max();
  for (const auto& record : std::views::reverse(records)) {
    if (record.metrics.step >= next) continue;
    next = record.metrics.step;
    kept.push_back(record.metrics);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace dw::run_folder
