// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"

namespace dw::run_library {

/// A large file written piece by piece that appears under its name only when it is whole: temporary file beside it, fsync,
/// rename. Not finished: nothing is left behind.
class OutputFile {
 public:
  /// Throws Error.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(const std::string& bytes);
  /// Throws Error; the old file of that name, if any, then stands unchanged.
  void finish();

 private:
  static constexpr std::size_t kPiece = 1U << 20;

  std::filesystem::path path_, temporary_;
  std::string waiting_;
  std::unique_ptr<AppendFile> file_;
};

/// A name beside `path` that no other process uses, for a file or folder that is renamed when it is whole.
std::filesystem::path temporaryBeside(const std::filesystem::path& path);

}  // namespace dw::run_library
