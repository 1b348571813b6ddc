// SPDX-License-Identifier: GPL-3.0-or-later
// IDX pictures, plain and gzipped.
#include "fuzz_input.h"

namespace dw::data::sources {
extern const Format kIdxFormat;
}  // namespace dw::data::sources

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  dw::fuzz::openAndRead(dw::data::sources::kIdxFormat, std::as_bytes(std::span(data, size)));
  return 0;
}
