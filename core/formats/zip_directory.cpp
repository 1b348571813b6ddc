// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/zip_directory.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/text_format.h"
#include "formats/number_type.h"

namespace dw::formats {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50, kCentralHeader = 0x02014B50, kEnd = 0x06054B50;
constexpr std::uint32_t kEnd64 = 0x06064B50, kEnd64Locator = 0x07064B50;
constexpr std::uint64_t kLargestDirectory = 64ULL << 20;
constexpr const char* kFetchAgain = "it may be cut off or damaged: fetch or save it again";

template <typename T>
T at(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  if (offset + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::vector<std::byte> readBytes(const ReadFile& file, std::uint64_t offset, std::uint64_t count) {
  if (offset > file.size() || count > file.size() - offset) {
    throw Error(ErrorKind::BadData, file.path(), "a part of this zip file would lie behind its end", kFetchAgain,
                offset);
  }
  std::vector<std::byte> bytes(count);
  file.read(offset, bytes);
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0, size = 0, entries = 0;
};

/// The end record stands at the very end, before a comment of at most 65535 bytes.
Directory findDirectory(const ReadFile& file) {
  const std::uint64_t tail = std::min<std::uint64_t>(file.size(), 22 + 65535);
  const auto bytes = readBytes(file, file.size() - tail, tail);
  for (std::size_t i = bytes.size() < 22 ? 0 : bytes.size() - 21; i-- > 0;) {
    if (at<std::uint32_t>(bytes, i) != kEnd) continue;
    const auto end = std::span(bytes).subspan(i);
    Directory found{at<std::uint32_t>(end, 16), at<std::uint32_t>(end, 12), at<std::uint16_t>(end, 10)};
    if (i >= 20 && at<std::uint32_t>(bytes, i - 20) == kEnd64Locator) {
      const auto end64 = readBytes(file, at<std::uint64_t>(bytes, i - 12), 56);
      if (at<std::uint32_t>(end64, 0) == kEnd64) {
        found = {at<std::uint64_t>(end64, 48), at<std::uint64_t>(end64, 40), at<std::uint64_t>(end64, 32)};
      }
    }
    return found;
  }
  throw Error(ErrorKind::BadData, file.path(), "this zip file has no table of contents at its end", kFetchAgain,
              file.size());
}

/// Sizes of 0xFFFFFFFF in the fixed part stand in the zip64 extra field instead, in this order.
void applyZip64(std::span<const std::byte> extra, ZipEntry& entry, std::uint64_t& header) {
  while (extra.size() >= 4) {
    const std::size_t length = at<std::uint16_t>(extra, 2);
    if (length > extra.size() - 4) return;
    if (at<std::uint16_t>(extra, 0) == 1) {
      auto field = extra.subspan(4, length);
      for (auto* value : {&entry.bytes, &entry.storedBytes, &header}) {
        if (*value != 0xFFFFFFFFU || field.size() < 8) continue;
        *value = at<std::uint64_t>(field, 0);
        field = field.subspan(8);
      }
    }
    extra = extra.subspan(4 + length);
  }
}

/// The bytes follow the local header, whose name and extra field may be longer than those in the directory.
std::uint64_t locateData(const ReadFile& file, const ZipEntry& entry, std::uint64_t header) {
  const auto local = readBytes(file, header, 30);
  const std::uint64_t offset = header + 30 + at<std::uint16_t>(local, 26) + at<std::uint16_t>(local, 28);
  if (at<std::uint32_t>(local, 0) != kLocalHeader || offset > file.size() || entry.storedBytes > file.size() - offset) {
    throw Error(ErrorKind::BadData, file.path(), "the record '" + entry.name + "' does not lie inside the file",
                kFetchAgain, header);
  }
  return offset;
}

}  // namespace

std::vector<ZipEntry> readZipDirectory(const ReadFile& file) {
  const auto place = findDirectory(file);
  if (place.size > kLargestDirectory) {
    throw Error(ErrorKind::BadData, file.path(), "the table of contents of this zip file is impossibly large",
                kFetchAgain);
  }
  const auto bytes = readBytes(file, place.offset, place.size);
  std::vector<ZipEntry> entries;
  std::size_t at0 = 0;
  while (entries.size() < place.entries) {
    const auto rest = std::span<const std::byte>(bytes).subspan(at0);
    const std::size_t name = at<std::uint16_t>(rest, 28), extra = at<std::uint16_t>(rest, 30),
                      comment = at<std::uint16_t>(rest, 32);
    if (rest.size() < 46 + name + extra + comment || at<std::uint32_t>(rest, 0) != kCentralHeader) {
      throw Error(ErrorKind::BadData, file.path(), "the table of contents of this zip file is damaged", kFetchAgain,
                  place.offset + at0);
    }
    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char*>(rest.data()) + 46, name);
    entry.method = at<std::uint16_t>(rest, 10);
    entry.crc = at<std::uint32_t>(rest, 16);
    entry.storedBytes = at<std::uint32_t>(rest, 20);
    entry.bytes = at<std::uint32_t>(rest, 24);
    std::uint64_t header = at<std::uint32_t>(rest, 42);
    applyZip64(rest.subspan(46 + name, extra), entry, header);
    if ((at<std::uint16_t>(rest, 8) & 1U) != 0) {
      throw Error(ErrorKind::BadData, file.path(), "the record '" + entry.name + "' is encrypted",
                  "save it without a password");
    }
    entry.dataOffset = locateData(file, entry, header);
    if (entry.method == 0 && entry.bytes != entry.storedBytes) {
      throw Error(ErrorKind::BadData, file.path(), "the record '" + entry.name + "' has two different lengths",
                  kFetchAgain, header);
    }
    entries.push_back(std::move(entry));
    at0 += 46 + name + extra + comment;
  }
  return entries;
}

std::vector<std::byte> inflateBytes(const std::filesystem::path& path, std::span<const std::byte> packed, bool gzip,
                                    std::uint64_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip ? 15 + 16 : -15) != Z_OK) throw Error(ErrorKind::OutOfMemory, "zlib could not start");
  std::vector<std::byte> out;  // its first `used` bytes are unpacked data, the rest is room: grown only when it is full
  std::uint64_t used = 0;
  int status = Z_OK;
  while (status == Z_OK && used <= limit) {
    if (stream.avail_in == 0) {
      const auto piece = std::min<std::size_t>(packed.size(), 1U << 24);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
      stream.avail_in = static_cast<uInt>(piece);
      packed = packed.subspan(piece);
    }
    if (used == out.size()) out.resize(std::min(std::max<std::uint64_t>(2 * used, 1U << 16), limit + 1));
    const auto offered = static_cast<uInt>(std::min<std::uint64_t>(out.size() - used, 1U << 30));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = offered;
    status = inflate(&stream, Z_NO_FLUSH);
    used += offered - stream.avail_out;
    // gzip files may be several streams one after another.
    if (status == Z_STREAM_END && gzip && (stream.avail_in > 0 || !packed.empty())) status = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (used > limit) {
    throw Error(ErrorKind::BadData, path, "unpacked, this would be larger than " + countText(limit, "byte"),
                kFetchAgain);
  }
  if (status != Z_STREAM_END)
    throw Error(ErrorKind::BadData, path, "the compressed data is damaged or cut off", kFetchAgain);
  out.resize(used);
  return out;
}

std::vector<std::byte> readZipEntryHead(const ReadFile& file, const ZipEntry& entry, std::size_t count) {
  // Packed bytes are hardly ever more than unpacked ones; deflate adds 5 bytes to each block that it cannot pack.
  const auto packed =
      readBytes(file, entry.dataOffset, std::min<std::uint64_t>(entry.storedBytes, count + count / 8 + 64));
  if (entry.method == 0)
    return {packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(std::min(packed.size(), count))};
  z_stream stream{};
  if (entry.method != 8 || inflateInit2(&stream, -15) != Z_OK)
    throw Error(ErrorKind::BadData, file.path(), "the record '" + entry.name + "' is packed in an unknown way",
                "save it uncompressed");
  std::vector<std::byte> out(count);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
    throw Error(ErrorKind::BadData, file.path(), "the compressed data is damaged", kFetchAgain, entry.dataOffset);
  return out;
}

std::vector<std::byte> readZipEntry(const ReadFile& file, const ZipEntry& entry, std::uint64_t limit) {
  if (entry.bytes > limit) {
    throw Error(ErrorKind::BadData, file.path(),
                "the record '" + entry.name + "' has " + countText(entry.bytes, "byte") + ", more than the " +
                    std::to_string(limit) + " it may have");
  }
  if (entry.method != 0 && entry.method != 8) {
    throw Error(
        ErrorKind::BadData, file.path(),
        "the record '" + entry.name + "' is packed by method " + std::to_string(entry.method) + ", which is not known",
        "save it uncompressed");
  }
  auto bytes = readBytes(file, entry.dataOffset, entry.storedBytes);
  if (entry.method == 8) bytes = inflateBytes(file.path(), bytes, false, entry.bytes);
  uLong crc = crc32(0, nullptr, 0);
  for (std::size_t i = 0; i < bytes.size(); i += 1U << 30) {
    const auto piece = std::min<std::size_t>(bytes.size() - i, 1U << 30);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data() + i), static_cast<uInt>(piece));
  }
  if (bytes.size() != entry.bytes || crc != entry.crc) {
    throw Error(ErrorKind::BadData, file.path(),
                "the checksum of the record '" + entry.name + "' does not fit its bytes", kFetchAgain,
                entry.dataOffset);
  }
  return bytes;
}

}  // namespace dw::formats
