// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_picture.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  dw::fuzz::decode(std::as_bytes(std::span(data, size)));
  return 0;
}
