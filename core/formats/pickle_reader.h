// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/number_type.h"

namespace dw::formats {

/// One object of a pickle, as data. Objects refer to each other by index, so a file that shares or loops costs nothing.
struct PickleNode {
  enum class Kind { None, Flag, Integer, Number, Text, Tuple, List, Dict, Global, Storage, Tensor };
  Kind kind = Kind::None;
  std::int64_t integer = 0;          ///< Integer, Flag; Storage: count of numbers; Tensor: index of its storage node
  double number = 0.0;               ///< Number
  std::string text;                  ///< Text; Global: "module.name"; Storage: its key in the file
  NumberType type{};                 ///< Storage
  std::vector<std::uint32_t> items;  ///< Tuple, List; Dict: key, value, key, value...
  std::vector<std::int64_t> shape, strides;  ///< Tensor
  std::int64_t offset = 0;  ///< Tensor: first number in its storage; Storage that is a view: first in its root
};

/// What one pickle says.
struct Pickle {
  std::vector<PickleNode> nodes;
  std::uint32_t root = 0;
  std::size_t bytes = 0;  ///< length of the pickle; further ones may follow it

  const PickleNode& operator[](std::uint32_t index) const { return nodes[index]; }
  /// Value of a text key in a dict node, if it has one.
  std::optional<std::uint32_t> find(const PickleNode& dict, const std::string& key) const;
};

/// Reads exactly what torch.save writes for tensors and plain containers, as data: nothing is ever imported, called or
/// executed. Any other global ("os.system") or opcode throws Error BadData that names it; so do counts beyond the bytes
/// there are. position: where bytes[0] lies in the file, for sentences.
Pickle readPickle(std::span<const std::byte> bytes, const std::filesystem::path& path, std::uint64_t position = 0);

}  // namespace dw::formats
