// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/initialisation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

namespace dw::model {

namespace {

std::string replacedEnd(const std::string& name, std::string_view end, std::string_view by) {
  return name.substr(0, name.size() - end.size()) + std::string(by);
}

bool startsAtZero(std::string_view name) {
  const bool shared = name.starts_with("shared_adaln_");
  return (shared && (name.find(".3.") != name.npos || name.ends_with(".0.bias"))) ||
         name.find(".adaln.") != name.npos || name.starts_with("addon_info_embs_proj.2.");
}

bool startsAtOne(std::string_view name) {
  return name.ends_with("norm.weight") || name.ends_with("norm.in_weight") ||
         (name.starts_with("shared_adaln_") && name.ends_with(".0.weight"));
}

/// Columns of a matrix, or all sizes but the first; a bias takes its weight's.
std::int64_t fanInOf(const torch::OrderedDict<std::string, torch::Tensor>& parameters, const std::string& name,
                     const torch::Tensor& value) {
  if (value.dim() >= 2) return value.numel() / std::max<std::int64_t>(value.size(0), 1);
  if (!std::string_view(name).ends_with(".bias")) return value.numel();
  const auto* weight = parameters.find(replacedEnd(name, "bias", "weight"));
  return weight ? weight->numel() / weight->size(0) : value.numel();
}

}  // namespace

InitRule initRule(const std::string& name, std::int64_t fanIn) {
  using Kind = InitRule::Kind;
  const std::string_view n = name;
  // The reference means a ramp of frequencies here, but ends up with one number everywhere.
  if (n.ends_with("rope.freqs")) return {Kind::Constant, std::log(std::numbers::pi)};
  if (n == "class_token.weight") return {Kind::Normal, 1.0};
  if (n == "out_patch.proj.weight") return {Kind::Normal, 1.0 / static_cast<double>(fanIn * fanIn)};
  if (startsAtZero(n)) return {Kind::Constant, 0.0};
  if (startsAtOne(n)) return {Kind::Constant, 1.0};
  return {Kind::Uniform, 1.0 / std::sqrt(static_cast<double>(fanIn))};
}

void initialise(torch::nn::Module& model, std::optional<at::Generator> generator) {
  const torch::NoGradGuard noGrad;
  const auto parameters = model.named_parameters();
  for (const auto& item : parameters) {
    auto value = item.value();
    const auto rule = initRule(item.key(), fanInOf(parameters, item.key(), value));
    switch (rule.kind) {
      case InitRule::Kind::Uniform: value.uniform_(-rule.value, rule.value, generator); break;
      case InitRule::Kind::Normal: value.normal_(0.0, rule.value, generator); break;
      case InitRule::Kind::Constant: value.fill_(rule.value); break;
    }
  }
}

}  // namespace dw::model
