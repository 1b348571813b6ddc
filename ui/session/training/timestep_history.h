// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "messages/step_metrics.h"

namespace dw::ui {

/// Losses by timestep t over a run in bounded memory: columns of equally many steps. When there would be more than
/// kMostColumns, two neighbours become one, so a million steps need no more room than a thousand, and an append costs the
/// same at any length. The newest steps are kept one by one as well, for the curve "now".
class TimestepHistory {
 public:
  static constexpr int kBins = messages::kTimestepBins;
  static constexpr std::size_t kMostColumns = 1024;
  static constexpr std::size_t kNewest = 4096;

  /// Sums over the steps [first, last]. The mean loss of bin i is sum[i] / count[i].
  struct Sums {
    std::int64_t first = 0, last = 0;
    std::array<double, kBins> sum{}, count{};

    void add(const Sums& more);
    /// NaN where no sample fell into the bin.
    double mean(int bin) const;
  };

  void clear();
  /// A step that is not above the last one is passed over (it is there already).
  void append(const messages::StepMetrics& metrics);
  /// Takes over a history without gaps; steps newer than its last stay (as far back as kNewest).
  void merge(TimestepHistory complete);

  /// Ascending; column k of the run holds the steps k * stride() + 1 ... (k + 1) * stride(). Columns without a step are not there.
  const std::vector<Sums>& columns() const { return columns_; }
  std::int64_t stride() const { return stride_; }
  std::int64_t lastStep() const { return last_; }
  bool empty() const { return columns_.empty(); }
  /// Over all steps: how often the run has drawn which timesteps, and their losses. last is 0 before the first step.
  const Sums& total() const { return total_; }

  /// The newest `steps` steps, at most kNewest.
  Sums newest(std::size_t steps) const;
  /// At least so many steps around one, whole columns, fewer only where the run has no more.
  Sums around(std::int64_t step, std::int64_t atLeast) const;

 private:
  void takeColumn(const Sums& one);
  void halve();

  std::vector<Sums> columns_;
  Sums total_;
  std::deque<messages::StepMetrics> newest_;
  std::int64_t stride_ = 1;
  std::int64_t last_ = 0;
};

}  // namespace dw::ui
