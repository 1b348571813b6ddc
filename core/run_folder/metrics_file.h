// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/file.h"
#include "messages/step_metrics.h"

namespace dw::run_folder {

/// One record of metrics.bin: a step and the part of the run it belongs to. Each resume begins a new segment; records with a
/// step at or above that of a later record are abandoned: still in the file, hidden by default. A run that goes back to step s
/// while it trains writes the record of s once more, so that what followed it is abandoned at once.
struct MetricsRecord {
  std::uint32_t segment = 0;
  messages::StepMetrics metrics;
};

/// The truth about a run while it trains: a 16-byte header (magic "DWBMETR1", format, record size) and fixed-size records,
/// each with a CRC-32. Other processes may read it while it grows; a torn last record is ignored by readers and cut off
/// by the next writer.
class MetricsWriter {
 public:
  /// Opens or creates the file, cuts off a torn end, and begins a new segment after the ones it holds. Throws Error.
  explicit MetricsWriter(const std::filesystem::path& path);
  void append(const messages::StepMetrics& metrics);
  void sync() { file_.sync(); }
  std::uint32_t segment() const noexcept { return segment_; }

 private:
  struct Opened {
    std::uint64_t goodBytes = 0;
    std::uint32_t nextSegment = 0;
  };
  static Opened inspect(const std::filesystem::path& path);
  MetricsWriter(const std::filesystem::path& path, const Opened& opened);

  AppendFile file_;
  std::uint32_t segment_ = 0;
};

inline constexpr std::uint64_t kMetricsRecordBytes = 240;

/// Whether the file is a metrics file of a format newer than ours.
bool isNewerMetrics(const ReadFile& file);

/// A piece of the file, for those who follow it while it grows.
struct MetricsPart {
  std::vector<MetricsRecord> records;
  std::uint64_t end = 0;  ///< byte after the last of them: where to go on
  bool more = false;      ///< there are further whole records
  /// the record at `end` has a wrong checksum, and is not merely the last one still being written
  bool damaged = false;
};

/// Up to `most` records from byte `offset` on (0, or the `end` of an earlier part). Throws Error BadData as below.
MetricsPart readMetricsPart(const ReadFile& file, std::uint64_t offset, std::size_t most);

/// The last whole, undamaged record: a few reads, however long the file is.
std::optional<MetricsRecord> readLastMetrics(const ReadFile& file);

/// The last record of that step. Looks from the end of the file on. Throws Error BadData as above.
std::optional<messages::StepMetrics> readMetricsOf(const ReadFile& file, std::int64_t step);

/// Every whole, undamaged record of the file, in file order. An absent file has none. Throws Error BadData if the file is
/// not a metrics file or of a newer format.
std::vector<MetricsRecord> readMetricsRecords(const std::filesystem::path& path);

/// The run as it counts: abandoned records left out, steps rising.
std::vector<messages::StepMetrics> readMetrics(const std::filesystem::path& path);

/// Writes metrics.h5 beside metrics.bin from what counts in it (whole or not at all), for h5py and other readers:
/// one dataset each for step, loss, lr, grad_norm, step_ms, its phases data_ms forward_ms backward_ms optimizer_ms
/// rest_ms, samples_seen, active_s, loss_z and grad_norm_z (rolling_z.h), and t_bin_loss_sum, t_bin_count of shape (N, 20); and from
/// the files beside it (measurements.h) the groups validation/{step, loss, ms, by_bin} and update_ratio/{step, ratio}. Throws Error. Not for the training thread: HDF5
/// has one global lock.
void exportMetricsToHdf5(const std::filesystem::path& metricsBin, const std::filesystem::path& hdf5);

}  // namespace dw::run_folder
