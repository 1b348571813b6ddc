// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/axis_roles.h"

#include <algorithm>

#include "base/text_format.h"

namespace dw::data {
namespace {

constexpr std::string_view kRoles = "BTCHW";
constexpr std::int64_t kManyChannels = 16;  // latents have 3, 4, 8 or 16; a picture this small is rare

/// Whether three axes look like height, width, channels rather than channels, height, width.
bool channelsLast(std::int64_t a, std::int64_t b, std::int64_t c) {
  if (b == c) return false;
  if (a == b) return true;
  return a > kManyChannels && b > kManyChannels && c <= kManyChannels;
}

}  // namespace

std::string guessAxes(const std::vector<std::int64_t>& shape) {
  const auto rank = shape.size();
  if (rank != 4 && rank != 5) return {};
  const bool last = channelsLast(shape[rank - 3], shape[rank - 2], shape[rank - 1]);
  return std::string(rank == 5 ? "BT" : "B") + (last ? "HWC" : "CHW");
}

std::vector<std::string> usualAxes(std::size_t rank) {
  if (rank == 3) return {"BHW"};
  if (rank == 4) return {"BCHW", "BHWC", "BCWH", "CBHW"};
  if (rank == 5) return {"BTCHW", "BTHWC", "BCTHW", "TBCHW", "BHWCT"};
  return {};
}

Problems checkAxes(const std::string& axes, std::size_t rank) {
  const auto wrong = [&](const std::string& sentence) {
    return Problems{
        {"data.axes",
         Severity::Error,
         sentence,
         "write one letter for each axis of the file: B samples, T crops, C channels, H height, W width; for "
         "example BCHW",
         {}}};
  };
  if (axes.size() != rank)
    return wrong("'" + axes + "' names " + countText(axes.size(), "axis", "axes") + ", but the data has " +
                 std::to_string(rank));
  if (axes.find('B') == std::string::npos)
    return wrong("'" + axes + "' does not say which axis counts the samples (B)");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (kRoles.find(axes[i]) == std::string_view::npos)
      return wrong("'" + axes.substr(i, 1) + "' is no role of an axis");
    if (axes.find(axes[i], i + 1) != std::string::npos)
      return wrong("'" + axes.substr(i, 1) + "' stands twice in '" + axes + "'");
  }
  return {};
}

formats::ArrayLayout inOrder(const formats::ArrayLayout& layout, const std::string& axes) {
  auto ordered = layout;
  ordered.shape.assign(kRoles.size(), 1);
  ordered.strides.assign(kRoles.size(), 0);
  for (std::size_t role = 0; role < kRoles.size(); ++role) {
    const auto place = axes.find(kRoles[role]);
    if (place == std::string::npos) continue;
    ordered.shape[role] = layout.shape[place];
    ordered.strides[role] = layout.strides[place];
  }
  return ordered;
}

}  // namespace dw::data
