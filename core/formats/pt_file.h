// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/number_type.h"

namespace dw::formats {

/// Where an array's numbers lie in a file. Every number that shape and strides reach is inside the file.
struct ArrayLayout {
  NumberType type{};
  bool bigEndian = false;
  std::uint64_t byteOffset = 0;  ///< of the number at index 0, 0, ...
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in numbers, not bytes; never negative
};

/// Checks that every number of a layout lies inside [begin, begin + bytes): no product overflows. Throws Error BadData
/// naming `what`.
void checkInside(const ArrayLayout& layout, std::uint64_t begin, std::uint64_t bytes, const std::filesystem::path& path,
                 const std::string& what);

/// Strides of a row-major array. Overflowing shapes are caught by checkInside.
std::vector<std::int64_t> rowMajorStrides(const std::vector<std::int64_t>& shape);

struct NamedArray {
  std::string name;  ///< dict key, nested ones joined by dots; empty for a bare tensor
  ArrayLayout layout;
};

/// What a torch.save file holds, known without reading its numbers. Both layouts: zip (torch >= 1.6) and the old one.
struct PtFile {
  std::shared_ptr<const ReadFile> file;
  std::vector<NamedArray> tensors;
  std::vector<std::string> entries;  ///< names of a dict's entries, tensors or not
  std::string rootKind;              ///< "tensor", "dict", "list", ...
};

/// Throws Error BadData for anything torch.save does not write (nothing is executed), and for numbers beyond the file.
PtFile readPtFile(const std::filesystem::path& path);

}  // namespace dw::formats
