// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dw::data {

/// Names of classes travel in dataset files as an array of bytes (uint8) beside the labels: the UTF-8 text of a JSON list,
/// the same in every format. In Python: json.loads(bytes(file["class_names"][:])).
inline constexpr const char* kClassNamesArray = "class_names";

/// Empty for no names. Throws Error BadData if a name is no UTF-8.
std::vector<std::byte> classNamesAsBytes(const std::vector<std::string>& names);
/// Empty if these bytes are no such list: names are a help to people, and no reason to refuse a dataset.
std::vector<std::string> classNamesFrom(std::span<const std::byte> bytes);

}  // namespace dw::data
