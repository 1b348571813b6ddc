// SPDX-License-Identifier: GPL-3.0-or-later
// The pickle inside a .pt file. A fuzzer that changes a byte in a zip file breaks its checksum, so here the bytes are
// packed into a fresh one, beside two records of numbers.
#include "../support/pt_builder.h"
#include "fuzz_input.h"

namespace dw::data::sources {
extern const Format kPtFormat;
}  // namespace dw::data::sources

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const std::string numbers(4096, '\x3c');
  const std::string pickle(reinterpret_cast<const char*>(data), size);
  const auto file =
      dw::test::zipOf({{"a/data.pkl", pickle}, {"a/data/0", numbers}, {"a/data/1", numbers.substr(0, 64)}});
  dw::fuzz::openAndRead(dw::data::sources::kPtFormat, std::as_bytes(std::span(file.data(), file.size())));
  return 0;
}
