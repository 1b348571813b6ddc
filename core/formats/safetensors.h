// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "formats/pt_file.h"

namespace dw::formats {

/// One tensor of a safetensors file: where its bytes lie. Values are little-endian, row-major, dense.
struct TensorEntry {
  std::string name;
  std::string dtype;  ///< as in the file: "F64", "F32", "F16", "BF16", "I64", ...
  std::vector<std::int64_t> shape;
  std::uint64_t offset = 0;  ///< from the start of the file
  std::uint64_t bytes = 0;

  std::int64_t elements() const;
};

/// Bytes of one element, 0 for a dtype the format does not have.
std::uint64_t safetensorsElementSize(std::string_view dtype);

/// The first 9 bytes of a file are a header length below 2^40 and the brace of the header. Its first byte alone tells nothing:
/// it may be that of a pickle, or of a zip. False where there are fewer than 9.
bool beginsLikeSafetensors(std::span<const std::byte> head);

/// Reads the header of a safetensors file (https://huggingface.co/docs/safetensors: 8 bytes little-endian header length,
/// JSON header, data) and checks all of it before anyone relies on it: lengths against the file's size, names twice,
/// overlaps, holes, sizes that do not fit shapes, overflow. Any fault is Error BadData naming tensor and byte.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);

  /// In the order of their data in the file.
  const std::vector<TensorEntry>& tensors() const noexcept { return tensors_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }
  /// nullptr if there is no such tensor.
  const TensorEntry* find(std::string_view name) const;
  /// Reads the raw bytes of one tensor; out.size() == entry.bytes.
  void read(const TensorEntry& entry, std::span<std::byte> out) const;
  const std::filesystem::path& path() const noexcept { return file_.path(); }

 private:
  void parseHeader(std::string_view header, std::uint64_t dataStart);
  void checkLayout(std::uint64_t dataStart) const;

  ReadFile file_;
  std::vector<TensorEntry> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Where a tensor's numbers lie, as all readers of arrays take it. Throws Error BadData for a number type that no reader
/// knows.
ArrayLayout layoutOf(const TensorEntry& entry, const std::filesystem::path& path);

/// A tensor to be written: bytes stay owned by the caller until writeSafetensors returns.
struct TensorToWrite {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Writes a whole file and brings it to the disk (fsync). The caller decides on temporary names and renames.
/// Throws Error DiskFull / Io.
void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace dw::formats
