// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of numpy: .npz where the bytes begin as a zip file does, .npy else.
#include "fuzz_input.h"

namespace dw::data::sources {
extern const Format kNpzFormat;
extern const Format kNpyFormat;
}  // namespace dw::data::sources

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const bool zip = size > 1 && data[0] == 'P' && data[1] == 'K';
  dw::fuzz::openAndRead(zip ? dw::data::sources::kNpzFormat : dw::data::sources::kNpyFormat,
                        std::as_bytes(std::span(data, size)));
  return 0;
}
