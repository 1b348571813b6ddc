// SPDX-License-Identifier: GPL-3.0-or-later
// Datasets of every format packed by gzip, as a user opens them: what is packed already is taken as it is, the rest is
// packed here, because changed bytes seldom unpack. Nothing of HDF5: no helper is started.
#include <zlib.h>

#include <cstdlib>
#include <vector>

#include "fuzz_input.h"

#include "data/sources/open_source.h"

namespace {

std::vector<unsigned char> packed(const unsigned char* data, std::size_t size) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::vector<unsigned char> out(deflateBound(&stream, size));
  stream.next_in = const_cast<unsigned char*>(data);
  stream.avail_in = static_cast<uInt>(size);
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ::setenv("DWB_H5PROBE", "/dev/null", 1);
  const bool already = size > 2 && data[0] == 0x1F && data[1] == 0x8B;
  const auto bytes = already ? std::vector(data, data + size) : packed(data, size);
  const auto& path = dw::fuzz::asFile(std::as_bytes(std::span(bytes)));
  dw::fuzz::refusalsOnly([&] { dw::fuzz::readEnds(*dw::data::sources::openSource(path)); });
  return 0;
}
