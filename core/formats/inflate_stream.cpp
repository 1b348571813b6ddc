// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/inflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace dw::formats {
namespace {

constexpr std::size_t kPortion = 1U << 20;

/// zlib's stream, ended also when an exception passes.
struct Stream {
  explicit Stream(bool gzip) {
    if (inflateInit2(&z, gzip ? 15 + 16 : -15) != Z_OK) throw Error(ErrorKind::OutOfMemory, "zlib could not start");
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  z_stream z{};
};

}  // namespace

std::uint32_t inflateFile(const ReadFile& file, std::uint64_t offset, std::uint64_t packed, bool gzip,
                          const TakeInflated& take) {
  Stream stream(gzip);
  auto& z = stream.z;
  std::vector<std::byte> in(static_cast<std::size_t>(std::min<std::uint64_t>(packed, kPortion))), out(kPortion);
  uLong crc = crc32(0, nullptr, 0);
  std::uint64_t done = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (z.avail_in == 0 && done < packed) {
      const auto portion =
          std::span(in).first(static_cast<std::size_t>(std::min<std::uint64_t>(packed - done, in.size())));
      file.read(offset + done, portion);
      done += portion.size();
      z.next_in = reinterpret_cast<Bytef*>(portion.data());
      z.avail_in = static_cast<uInt>(portion.size());
    }
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    status = inflate(&z, Z_NO_FLUSH);
    const auto got = std::span<const std::byte>(out).first(out.size() - z.avail_out);
    if (status != Z_OK && status != Z_STREAM_END) break;
    crc = crc32(crc, reinterpret_cast<const Bytef*>(got.data()), static_cast<uInt>(got.size()));
    if (!got.empty()) take(got, done - z.avail_in);
    if (status == Z_STREAM_END && gzip && (z.avail_in > 0 || done < packed)) status = inflateReset(&z);
  }
  if (status != Z_STREAM_END)
    throw Error(ErrorKind::BadData, file.path(), "the compressed data is damaged or cut off",
                "it may be cut off or damaged: fetch or save it again", offset + done - z.avail_in);
  return static_cast<std::uint32_t>(crc);
}

}  // namespace dw::formats
