// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/samplers/spacing.h"

#include <algorithm>
#include <cmath>

namespace dw::diffusion {
namespace {

void roundAll(std::vector<double>& values) {
  for (double& value : values) value = std::nearbyint(value);  // halves to even
}

std::vector<double> trailing(std::int64_t steps, std::int64_t count) {
  std::vector<double> t;
  const double stride = static_cast<double>(steps) / static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    t.push_back(std::nearbyint(static_cast<double>(steps) - static_cast<double>(i) * stride) - 1.0);
  }
  return t;
}

std::vector<double> leading(Grid grid, std::int64_t steps, std::int64_t count, std::int64_t offset) {
  const std::int64_t first = grid == Grid::Inner ? 1 : 0;
  const std::int64_t stride = steps / (count + first);
  std::vector<double> t;
  for (std::int64_t i = count - 1 + first; i >= first; --i) t.push_back(static_cast<double>(i * stride + offset));
  return t;
}

std::vector<double> linspace(Grid grid, std::int64_t steps, std::int64_t count) {
  const auto last = static_cast<double>(steps - 1);
  auto t = grid == Grid::Inner ? evenly(0.0, last, count + 1) : evenly(0.0, last, count);
  if (grid == Grid::Inner) t.erase(t.begin());
  if (grid != Grid::Fractional) roundAll(t);
  std::ranges::reverse(t);
  if (count == 1) t.front() = last;  // a single step begins at noise, whatever the formula says
  return t;
}

}  // namespace

std::vector<double> evenly(double first, double last, std::int64_t count) {
  std::vector<double> values;
  const double stride = count > 1 ? (last - first) / static_cast<double>(count - 1) : 0.0;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(first + static_cast<double>(i) * stride);
  if (count > 1) values.back() = last;
  return values;
}

std::vector<double> spacedTimesteps(Spacing spacing, Grid grid, std::int64_t steps, std::int64_t count,
                                    std::int64_t offset) {
  switch (spacing) {
    case Spacing::Leading: return leading(grid, steps, count, offset);
    case Spacing::Linspace: return linspace(grid, steps, count);
    case Spacing::Trailing: return trailing(steps, count);
  }
  config::throwNoSuchChoice();
}

}  // namespace dw::diffusion
