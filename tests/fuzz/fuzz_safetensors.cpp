// SPDX-License-Identifier: GPL-3.0-or-later
// The safetensors header, and samples where it lets them be read.
#include "fuzz_input.h"

namespace dw::data::sources {
extern const Format kSafetensorsFormat;
}  // namespace dw::data::sources

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  dw::fuzz::openAndRead(dw::data::sources::kSafetensorsFormat, std::as_bytes(std::span(data, size)));
  return 0;
}
