// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace dw::config {

/// One thing that can be chosen: how files call it, how a menu calls it, and why a student would take it.
template <typename Kind>
struct Choice {
  Kind value;
  std::string_view key;          ///< in JSON, --set and the log; never changes but by leaving the old one in oldKey
  std::string_view label;        ///< short English
  std::string_view why;          ///< one sentence
  std::string_view oldKey = {};  ///< what earlier versions wrote: still read, never written
};

/// The table of a kind: one row for each enumerator, in their order, which is that of menus. choices.h has them all.
template <typename Kind>
inline constexpr auto kChoices = nullptr;

template <typename Kind>
concept Choosable = requires {
  { kChoices<Kind>[0].value } -> std::convertible_to<Kind>;
};

template <Choosable Kind>
constexpr std::span<const Choice<Kind>> choices() {
  return kChoices<Kind>;
}

template <Choosable Kind>
constexpr const Choice<Kind>& choiceOf(Kind value) {
  constexpr auto kInOrder = [] {
    for (std::size_t i = 0; i < kChoices<Kind>.size(); ++i) {
      if (static_cast<std::size_t>(kChoices<Kind>[i].value) != i) return false;
    }
    return true;
  };
  static_assert(kInOrder(), "the rows of a table of choices stand in the order of its enum, none left out");
  return kChoices<Kind>.at(static_cast<std::size_t>(value));
}

template <Choosable Kind>
constexpr std::string_view keyOf(Kind value) {
  return choiceOf(value).key;
}

template <Choosable Kind>
constexpr std::string_view labelOf(Kind value) {
  return choiceOf(value).label;
}

/// The value with that key, or with that key in an earlier version.
template <Choosable Kind>
constexpr std::optional<Kind> fromKey(std::string_view key) {
  for (const auto& choice : kChoices<Kind>) {
    if (key == choice.key || (!choice.oldKey.empty() && key == choice.oldKey)) return choice.value;
  }
  return std::nullopt;
}

template <Choosable Kind>
std::vector<std::string> keysOf() {
  std::vector<std::string> keys;
  for (const auto& choice : kChoices<Kind>) keys.emplace_back(choice.key);
  return keys;
}

/// "ddim, ddpm, euler", for help texts.
std::string inOneLine(const std::vector<std::string>& keys);

/// "there is no sampler called 'dimm'", with the nearest key as fix.
Problem unknownChoice(std::string_view field, std::string_view what, std::string_view given,
                      const std::vector<std::string>& keys);
[[noreturn]] void throwUnknownChoice(std::string_view what, std::string_view given,
                                     const std::vector<std::string>& keys);
/// What stands after a switch over a choice that has a case for each of them.
[[noreturn]] void throwNoSuchChoice();

/// Throws Error Usage naming the nearest one; what: "sampler".
template <Choosable Kind>
Kind choiceNamed(std::string_view what, std::string_view key) {
  if (const auto found = fromKey<Kind>(key)) return *found;
  throwUnknownChoice(what, key, keysOf<Kind>());
}

}  // namespace dw::config
