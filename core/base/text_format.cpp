// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace dw {
namespace {

constexpr double kMinute = 60.0, kHour = 3600.0, kDay = 86400.0;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

/// Of what is no time (a rate that is not known yet) nothing is left to read.
double usable(double seconds) { return std::isfinite(seconds) ? std::max(seconds, 0.0) : 0.0; }

}  // namespace

std::string nounText(std::int64_t count, std::string_view one, std::string_view many) {
  if (count == 1) return std::string(one);
  return many.empty() ? std::string(one) + "s" : std::string(many);
}

std::string countText(std::int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + nounText(count, one, many);
}

std::string durationText(double seconds) {
  const double time = usable(seconds);
  if (time >= 2.0 * kDay) return formatted("%.1f days", time / kDay);
  const auto whole = static_cast<long long>(std::ceil(time));
  if (whole >= 3600) return formatted("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return formatted("%lld:%02lld", whole / 60, whole % 60);
}

std::string roughDurationText(double seconds) {
  const double time = usable(seconds);
  if (time < 1.5 * kMinute) return formatted("%.2g s", time);
  if (time < 1.5 * kHour) return formatted("%.0f min", time / kMinute);
  if (time < 2.0 * kDay) return formatted("%.1f h", time / kHour);
  return formatted("%.0f days", time / kDay);
}

std::string secondsText(double seconds) { return formatted("%.2f s", seconds); }

std::string sizeText(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000.0;
  return formatted(value < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
}

std::string mebibytesText(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

std::string gibibytesText(std::uint64_t bytes) {
  return formatted("%.2f GiB", static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0));
}

}  // namespace dw
