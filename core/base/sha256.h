// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace dw {

/// SHA-256 (FIPS 180-4) of bytes given piece by piece; computed by OpenSSL.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::span<const std::byte> bytes);
  /// 64 lower-case hexadecimal digits. Call once, at the end.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Hash of a whole file, read in pieces. Throws Error.
std::string sha256OfFile(const std::filesystem::path& path);

}  // namespace dw
