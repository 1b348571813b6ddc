// SPDX-License-Identifier: GPL-3.0-or-later
// Both layouts of torch.save: the whole file comes from the fuzzer.
#include "fuzz_input.h"

namespace dw::data::sources {
extern const Format kPtFormat;
}  // namespace dw::data::sources

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  dw::fuzz::openAndRead(dw::data::sources::kPtFormat, std::as_bytes(std::span(data, size)));
  return 0;
}
