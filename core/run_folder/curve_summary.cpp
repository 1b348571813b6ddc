// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/curve_summary.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "config/recipe_json.h"
#include "run_folder/metrics_file.h"

namespace dw::run_folder {
namespace {

constexpr int kFormat = 1;
constexpr std::int64_t kBestFrom = 50;
constexpr std::size_t kBlock = 4096;
constexpr std::uint64_t kSmallFile = 64U << 10;

/// The steps that count, from the whole file.
CurveSummary wholeSummary(const ReadFile& metricsBin) {
  CurveSummary summary;
  std::uint64_t end = 0;
  for (bool more = true; more;) {
    const auto part = readMetricsPart(metricsBin, end, kBlock);
    end = part.end;
    more = part.more;
  }
  for (const auto& metrics : readMetrics(metricsBin.path())) summary.add(metrics);
  summary.bytes = end;
  return summary;
}

std::optional<CurveSummary> parseSummary(const std::filesystem::path& path) {
  try {
    const auto json = config::parseJson(readTextFile(path, kSmallFile), path);
    if (json.at("format").get<int>() != kFormat) return std::nullopt;
    CurveSummary s;
    json.at("bytes").get_to(s.bytes);
    json.at("step").get_to(s.step);
    json.at("loss").get_to(s.loss);
    json.at("active_s").get_to(s.activeS);
    s.smoothed = SmoothedLoss::fromJson(json);
    json.at("best_loss").get_to(s.bestLoss);
    json.at("best_step").get_to(s.bestStep);
    json.at("count").get_to(s.count);
    return s;
  } catch (const std::exception&) {  // whatever is wrong with it: it is only a short cut
    return std::nullopt;
  }
}

}  // namespace

void CurveSummary::add(const messages::StepMetrics& metrics) {
  step = metrics.step;
  loss = metrics.loss;
  activeS = metrics.activeS;
  smoothed.add(metrics.loss);
  const auto now = smoothed.value();
  if (++count < kBestFrom || !now || (bestStep != 0 && *now >= bestLoss)) return;
  bestLoss = *now;
  bestStep = metrics.step;
}

bool extendSummary(CurveSummary& summary, const ReadFile& metricsBin, std::uint64_t mostBytes) {
  if (metricsBin.size() > summary.bytes && metricsBin.size() - summary.bytes > mostBytes) return false;
  auto next = summary;
  for (bool more = true; more;) {
    const auto part = readMetricsPart(metricsBin, next.bytes, kBlock);
    for (const auto& record : part.records) {
      if (record.metrics.step <= next.step && next.count > 0) {
        if (metricsBin.size() > mostBytes) return false;
        summary = wholeSummary(metricsBin);
        return true;
      }
      next.add(record.metrics);
    }
    next.bytes = part.end;
    more = part.more;
  }
  summary = next;
  return true;
}

std::optional<CurveSummary> readCurveSummary(const std::filesystem::path& path, const ReadFile& metricsBin,
                                             std::uint64_t* summarized) {
  const auto s = parseSummary(path);
  if (summarized != nullptr) *summarized = s ? s->bytes : 0;
  if (!s || s->bytes < kMetricsRecordBytes || s->bytes > metricsBin.size()) return std::nullopt;
  // It must be about this file: the last record that it covers is the one it says.
  const auto last = readMetricsPart(metricsBin, s->bytes - kMetricsRecordBytes, 1).records;
  const bool fits = last.size() == 1 && last[0].metrics.step == s->step && last[0].metrics.loss == s->loss;
  return fits ? s : std::nullopt;
}

void writeCurveSummary(const std::filesystem::path& path, const CurveSummary& s) {
  auto json = s.smoothed.toJson();
  json.update({{"format", kFormat},
               {"bytes", s.bytes},
               {"step", s.step},
               {"loss", s.loss},
               {"active_s", s.activeS},
               {"best_loss", s.bestLoss},
               {"best_step", s.bestStep},
               {"count", s.count}});
  writeFileAtomically(path, json.dump(1) + "\n");
}

}  // namespace dw::run_folder
