// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/rate_groups.h"

#include <algorithm>
#include <map>

namespace dw::training {

std::int64_t fanIn(const at::Tensor& tensor) {
  const auto numbers = tensor.dim() < 2 ? tensor.numel() : tensor.numel() / std::max<std::int64_t>(tensor.size(0), 1);
  return std::max<std::int64_t>(numbers, 1);
}

std::vector<RateGroup> rateGroups(const NamedTensors& parameters, bool fanInScaling) {
  std::map<std::int64_t, std::vector<std::size_t>> byFanIn;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    byFanIn[fanInScaling ? fanIn(parameters[i].tensor) : 1].push_back(i);
  std::vector<RateGroup> groups;
  for (auto& [numbers, members] : byFanIn)
    groups.push_back({.factor = 1.0 / static_cast<double>(numbers), .members = std::move(members)});
  return groups;
}

}  // namespace dw::training
