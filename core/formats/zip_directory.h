// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"

namespace dw::formats {

/// One record of a zip file. Its bytes lie at dataOffset in the zip file, checked against its size.
struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint32_t crc = 0;
  std::uint64_t storedBytes = 0;  ///< in the file
  std::uint64_t bytes = 0;        ///< unpacked
  std::uint64_t dataOffset = 0;
};

/// The table of contents of a zip or zip64 file (PKWARE APPNOTE 6.3). Our own reader and not libzip's, because stored
/// records are to be read lazily where they lie, and libzip does not tell the place. Throws Error BadData.
std::vector<ZipEntry> readZipDirectory(const ReadFile& file);

/// A record's bytes, unpacked and compared with its checksum. Throws Error BadData; also if it has more than limit bytes.
std::vector<std::byte> readZipEntry(const ReadFile& file, const ZipEntry& entry, std::uint64_t limit);

/// At most the first count bytes of a record, unpacked; nothing is compared, because the rest is not read. Throws Error
/// BadData if they are damaged.
std::vector<std::byte> readZipEntryHead(const ReadFile& file, const ZipEntry& entry, std::size_t count);

/// zlib stream -> bytes. gzip: with gzip's header, else raw deflate. Throws Error BadData if it is damaged or would give
/// more than limit bytes; memory grows with what was really unpacked.
std::vector<std::byte> inflateBytes(const std::filesystem::path& path, std::span<const std::byte> packed, bool gzip,
                                    std::uint64_t limit);

}  // namespace dw::formats
