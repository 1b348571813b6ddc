// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "config/choices.h"

namespace dw::config {

// Values of recipe fields as text and back; the shortest text that reads back to the same value. fromText says false and
// leaves the value alone if the text is no such value as a whole.

inline std::string toText(bool value) { return value ? "true" : "false"; }
inline std::string toText(const std::string& value) { return value; }

template <Choosable Kind>
std::string toText(Kind value) {
  return std::string(keyOf(value));
}

template <typename Number>
requires(std::integral<Number> || std::floating_point<Number>) && (!std::same_as<Number, bool>)std::string
    toText(Number value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return {text, end};
}

inline std::string toText(const std::vector<std::int64_t>& values) {
  std::string text;
  for (const auto value : values) text += (text.empty() ? "" : ",") + toText(value);
  return text;
}

inline bool fromText(const std::string& text, bool& value) {
  if (text != "true" && text != "false" && text != "1" && text != "0") return false;
  value = text == "true" || text == "1";
  return true;
}
inline bool fromText(const std::string& text, std::string& value) {
  value = text;
  return true;
}

template <Choosable Kind>
bool fromText(const std::string& text, Kind& value) {
  const auto found = fromKey<Kind>(text);
  if (found) value = *found;
  return found.has_value();
}

template <typename Number>
requires(std::integral<Number> || std::floating_point<Number>) &&
    (!std::same_as<Number, bool>)bool fromText(const std::string& text, Number& value) {
  Number read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error == std::errc{} && end == text.data() + text.size()) {
    if constexpr (std::floating_point<Number>) {
      if (!std::isfinite(read)) return false;  // "inf" and "nan" are read too, but no field can be that
    }
    value = read;
    return true;
  }
  if constexpr (std::integral<Number>) {  // "1e4" and "5000.0" are whole numbers too
    double real = 0.0;
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (!fromText(text, real) || real != std::floor(real) || std::abs(real) > kExact) return false;
    if (real < 0.0 && !std::is_signed_v<Number>) return false;
    value = static_cast<Number>(real);
    return true;
  }
  return false;
}

inline bool fromText(const std::string& text, std::vector<std::int64_t>& values) {
  std::vector<std::int64_t> read;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    std::int64_t one = 0;
    if (!fromText(text.substr(begin, end - begin), one)) return false;
    read.push_back(one);
    begin = end + 1;
  }
  values = std::move(read);
  return true;
}

}  // namespace dw::config
