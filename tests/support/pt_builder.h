// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace dw::test {

inline void writeFile(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// What stands in an .npy file before its numbers. descr: "<f4"; shape: what Python writes between the brackets.
inline std::string npyHead(const std::string& descr, const std::string& shape) {
  const std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  return std::string("\x93NUMPY\x01\0", 8) + little(header.size(), 2) + header;
}

/// A zip file with stored records, as torch.save and numpy.savez write it.
inline std::string zipOf(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string file, directory;
  for (const auto& [name, bytes] : records) {
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    const auto facts = little(0, 2) + little(0, 2) + little(0, 4) + little(crc, 4) + little(bytes.size(), 4) +
                       little(bytes.size(), 4) + little(name.size(), 2) + little(0, 2);
    directory += little(0x02014B50, 4) + little(20, 2) + little(20, 2) + facts + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 4) + little(file.size(), 4) + name;
    file += little(0x04034B50, 4) + little(20, 2) + facts + name + bytes;
  }
  const auto end = little(0x06054B50, 4) + little(0, 4) + little(records.size(), 2) + little(records.size(), 2) +
                   little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
  return file + directory + end;
}

/// Opcodes of a pickle, as far as tests need them.
namespace pickle {
inline std::string text(const std::string& s) { return "X" + little(s.size(), 4) + s; }
inline std::string number(std::int64_t n) { return "J" + little(static_cast<std::uint64_t>(n), 4); }
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::vector<std::int64_t>& values) {
  std::string out = "(";
  for (const auto v : values) out += number(v);
  return out + "t";
}
inline std::string tensor(const std::string& storage, const std::string& key, std::int64_t count, std::int64_t offset,
                          const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + text("storage") + global("torch", storage) + text(key) +
         text("cpu") + number(count) + "tQ" + number(offset) + tuple(shape) + tuple(strides) + "\x89" +
         global("collections", "OrderedDict") + ")RtR";
}
inline std::string whole(const std::string& body) { return "\x80\x02" + body + "."; }
}  // namespace pickle

}  // namespace dw::test
