// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/print_json.h"

#include <cstdio>

#include "config/recipe_json.h"

namespace dw::cli {

void printText(const nlohmann::json& value, const std::string& indent) {
  for (const auto& [name, item] : value.items()) {
    if (item.is_structured() && !item.empty() && (item.is_object() || item[0].is_structured())) {
      std::printf("%s%s\n", indent.c_str(), name.c_str());
      if (item.is_object())
        printText(item, indent + "  ");
      else
        for (const auto& row : item) std::printf("%s  %s\n", indent.c_str(), config::toLine(row).c_str());
    } else {
      std::printf("%s%-16s %s\n", indent.c_str(), name.c_str(),
                  item.is_string() ? item.get<std::string>().c_str() : config::toLine(item).c_str());
    }
  }
}

void printLine(const nlohmann::json& line) { std::printf("%s\n", config::toLine(line).c_str()); }

}  // namespace dw::cli
