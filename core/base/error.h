// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace dw {

/// What went wrong, as far as a caller must tell cases apart. The command line maps kinds to exit codes, the window to
/// translated headings; nobody parses sentences.
enum class ErrorKind {
  Usage,        ///< wrong arguments or an impossible recipe (exit code 2)
  BadData,      ///< a file that is broken or does not fit (3)
  Io,           ///< reading or writing failed (3 while opening data, 4 in a run)
  DiskFull,     ///< no space left for what must be written (4)
  Busy,         ///< another process holds the run (2)
  NotFinite,    ///< NaN or infinity in loss or gradient, found before the update (4)
  OutOfMemory,  ///< an allocation failed (4)
  Cancelled,    ///< somebody asked to give up; nothing is wrong (130)
  Internal,     ///< a bug of ours (4)
};

/// The one exception type for broken files and failed I/O. Wrong user input is returned as problems instead (problem.h).
/// what() is the sentence, with the place where one is known: "latents.h5, byte 1024: ...".
class Error : public std::runtime_error {
 public:
  /// sentence: what is wrong and why, for the user; of one beyond 2000 bytes the middle is left out. remedy: what to do
  /// about it; may be empty.
  Error(ErrorKind kind, const std::string& sentence, std::string remedy = {});
  /// As above, about a file and, where known, the byte at which reading it failed. The path must be a real path object:
  /// a text in its place is a sentence.
  template <std::same_as<std::filesystem::path> Path>
  Error(ErrorKind kind, const Path& path, const std::string& sentence, std::string remedy = {},
        std::optional<std::uint64_t> byte = {})
      : Error(About{path, byte}, kind, sentence, std::move(remedy)) {}

  ErrorKind kind() const noexcept { return kind_; }
  const std::filesystem::path& path() const noexcept { return path_; }
  const std::string& remedy() const noexcept { return remedy_; }
  std::optional<std::uint64_t> byte() const noexcept { return byte_; }

 private:
  struct About {
    std::filesystem::path path;
    std::optional<std::uint64_t> byte;
  };
  Error(About about, ErrorKind kind, const std::string& sentence, std::string remedy);

  ErrorKind kind_;
  std::filesystem::path path_;
  std::string remedy_;
  std::optional<std::uint64_t> byte_;
};

/// Name of a kind as it stands in logs and JSON, e.g. "bad_data".
const char* nameOf(ErrorKind kind) noexcept;

}  // namespace dw
