// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace dw::cli {

/// A JSON object for people: a line for each value, lists of objects a line each.
void printText(const nlohmann::json& value, const std::string& indent = {});

/// One JSON object a line, on standard output.
void printLine(const nlohmann::json& line);

}  // namespace dw::cli
