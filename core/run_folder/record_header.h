// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/file.h"

namespace dw::run_folder {

/// What metrics.bin and the files of rare measurements beside it begin with. After it come records of one size, each
/// beginning with the CRC-32 of the rest of it.
struct RecordHeader {
  std::array<char, 8> magic{};
  std::uint32_t format = 1;
  std::uint32_t recordBytes = 0;
};
static_assert(sizeof(RecordHeader) == 16);

/// For the sentences of what is refused.
struct RecordWords {
  const char* notOne = "";  ///< of a file of another kind
  const char* remedy = "";
  const char* content = "";  ///< "the metrics"
};

/// Throws Error BadData if the file begins otherwise, Io if it is shorter than a header.
void checkHeader(const ReadFile& file, const RecordHeader& wanted, const RecordWords& words);

/// Writes the header of a new file.
void beginRecords(AppendFile& file, const RecordHeader& header);

/// CRC-32 of all but the checksum itself.
std::uint32_t recordChecksum(std::span<const std::byte> record);

}  // namespace dw::run_folder
