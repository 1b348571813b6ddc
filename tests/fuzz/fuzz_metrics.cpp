// SPDX-License-Identifier: GPL-3.0-or-later
// metrics.bin. Each record carries a CRC-32, which a fuzzer breaks by every change: so it is read as it is and once more
// with the checksums set right.
#include <zlib.h>

#include <vector>

#include "fuzz_input.h"
#include "run_folder/metrics_file.h"

namespace {

constexpr std::size_t kHeader = 16, kRecord = 240;

std::vector<unsigned char> withChecksums(const unsigned char* data, std::size_t size) {
  std::vector<unsigned char> out(data, data + size);
  for (std::size_t at = kHeader; at + kRecord <= size; at += kRecord) {
    const auto crc = crc32(0, out.data() + at + 4, kRecord - 4);
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<unsigned char>(crc >> (8 * i));
  }
  return out;
}

void read(std::span<const unsigned char> bytes) {
  const auto& file = dw::fuzz::asFile(std::as_bytes(bytes));
  dw::fuzz::refusalsOnly([&] { dw::run_folder::readMetrics(file); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  read({data, size});
  const auto mended = withChecksums(data, size);
  read(mended);
  return 0;
}
