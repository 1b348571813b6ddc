// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/class_names.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace dw::data {

std::vector<std::byte> classNamesAsBytes(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text;
  try {
    text = nlohmann::json(names).dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, "the name of a class is not in UTF-8, so it cannot be written into the file",
                "rename its folder");
  }
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::string> classNamesFrom(std::span<const std::byte> bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const auto list = nlohmann::json::parse(text, text + bytes.size(), nullptr, false);
  if (!list.is_array()) return {};
  std::vector<std::string> names;
  for (const auto& name : list) {
    if (!name.is_string()) return {};
    names.push_back(name.get<std::string>());
  }
  return names;
}

}  // namespace dw::data
