// SPDX-License-Identifier: GPL-3.0-or-later
// Each chunk of a PNG file ends in a checksum, which a fuzzer breaks by every change: so the picture is decoded as it is
// and once more with its checksums set right.
#include <zlib.h>

#include <vector>

#include "fuzz_picture.h"

namespace {

/// PNG specification, section 5.3: length, type, data, CRC-32 of type and data; all big-endian.
std::vector<unsigned char> withChecksums(const unsigned char* data, std::size_t size) {
  std::vector<unsigned char> out(data, data + size);
  std::size_t at = 8;
  while (at + 12 <= size) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | out[at + i];
    if (length > size - at - 12) break;
    const auto crc = crc32(0, out.data() + at + 4, static_cast<uInt>(length + 4));
    for (std::size_t i = 0; i < 4; ++i) out[at + 8 + length + i] = static_cast<unsigned char>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  dw::fuzz::decode(std::as_bytes(std::span(data, size)));
  const auto mended = withChecksums(data, size);
  dw::fuzz::decode(std::as_bytes(std::span(mended)));
  return 0;
}
