// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/record_header.h"

#include <zlib.h>

#include <bit>
#include <string>

#include "base/error.h"

namespace dw::run_folder {

static_assert(std::endian::native == std::endian::little, "records are written as they lie in memory");

void checkHeader(const ReadFile& file, const RecordHeader& wanted, const RecordWords& words) {
  RecordHeader header;
  file.read(0, std::as_writable_bytes(std::span(&header, 1)));
  if (header.magic != wanted.magic) throw Error(ErrorKind::BadData, file.path(), words.notOne, words.remedy, 0);
  if (header.format != wanted.format || header.recordBytes != wanted.recordBytes) {
    throw Error(ErrorKind::BadData, file.path(),
                std::string(words.content) + " are in format " + std::to_string(header.format) +
                    ", which this program does not know",
                "use a newer version of the program");
  }
}

void beginRecords(AppendFile& file, const RecordHeader& header) {
  file.append(std::as_bytes(std::span(&header, 1)));
  file.sync();  // a header of zeros, after a power cut, would be taken for another format
}

std::uint32_t recordChecksum(std::span<const std::byte> record) {
  const auto checked = record.subspan(sizeof(std::uint32_t));
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size())));
}

}  // namespace dw::run_folder
