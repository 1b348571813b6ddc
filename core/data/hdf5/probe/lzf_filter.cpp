// SPDX-License-Identifier: GPL-3.0-or-later
#include "lzf_filter.h"

#include <hdf5.h>

#include <cstdlib>
#include <cstring>

namespace dw::h5probe {
namespace {

constexpr H5Z_filter_t kLzf = 32000;
constexpr std::size_t kLargestChunk = 1U << 30;

/// LZF stream -> out. A control byte below 32 begins a run of that many plus one literal bytes; else its upper three bits
/// (7: plus the next byte) plus two are the length, the lower five and the next byte the distance, of a repeat.
/// Returns the bytes written; 0 if the stream is damaged.
std::size_t unpack(const unsigned char* in, std::size_t inSize, unsigned char* out, std::size_t outSize) {
  std::size_t i = 0, o = 0;
  while (i < inSize) {
    const std::size_t control = in[i++];
    if (control < 32) {
      const std::size_t run = control + 1;
      if (run > inSize - i || run > outSize - o) return 0;
      std::memcpy(out + o, in + i, run);
      i += run;
      o += run;
      continue;
    }
    std::size_t length = control >> 5;
    if (length == 7) {
      if (i >= inSize) return 0;
      length += in[i++];
    }
    length += 2;
    if (i >= inSize) return 0;
    const std::size_t distance = ((control & 31U) << 8) + in[i++] + 1;
    if (distance > o || length > outSize - o) return 0;
    for (std::size_t k = 0; k < length; ++k, ++o) out[o] = out[o - distance];  // may overlap itself: byte by byte
  }
  return o;
}

/// cdValues[2] is the unpacked size of a chunk (h5py's lzf_filter.c documents the three values).
std::size_t filter(unsigned flags, std::size_t count, const unsigned cdValues[], std::size_t bytes,
                   std::size_t* bufferSize, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0 || count < 3 || cdValues[2] == 0 || cdValues[2] > kLargestChunk) return 0;
  auto* out = static_cast<unsigned char*>(std::malloc(cdValues[2]));
  if (out == nullptr) return 0;
  const auto got = unpack(static_cast<const unsigned char*>(*buffer), bytes, out, cdValues[2]);
  if (got == 0) {
    std::free(out);
    return 0;
  }
  std::free(*buffer);
  *buffer = out;
  *bufferSize = cdValues[2];
  return got;
}

}  // namespace

void registerLzf() {
  const H5Z_class2_t description{H5Z_CLASS_T_VERS, kLzf, 0, 1, "lzf", nullptr, nullptr, filter};
  H5Zregister(&description);
}

}  // namespace dw::h5probe
