// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace dw {
namespace {

/// Sentences quote names from files, which may be megabytes long where somebody made them so: the middle is left out.
std::string readable(const std::string& sentence) {
  constexpr std::size_t kLongest = 2000, kEnd = 200;
  if (sentence.size() <= kLongest) return sentence;
  const auto boundary = [&](std::size_t at) {  // not inside a character of UTF-8
    while (at > 0 && (static_cast<unsigned char>(sentence[at]) & 0xC0U) == 0x80U) --at;
    return at;
  };
  return sentence.substr(0, boundary(kLongest - kEnd)) + " ... " + sentence.substr(boundary(sentence.size() - kEnd));
}

std::string withPlace(const std::filesystem::path& path, const std::string& sentence,
                      std::optional<std::uint64_t> byte) {
  std::string place = path.string();
  if (byte) place += ", byte " + std::to_string(*byte);
  return place + ": " + readable(sentence);
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& sentence, std::string remedy)
    : std::runtime_error(readable(sentence)), kind_(kind), remedy_(std::move(remedy)) {}

Error::Error(About about, ErrorKind kind, const std::string& sentence, std::string remedy)
    : std::runtime_error(withPlace(about.path, sentence, about.byte)),
      kind_(kind),
      path_(std::move(about.path)),
      remedy_(std::move(remedy)),
      byte_(about.byte) {}

const char* nameOf(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::Usage: return "usage";
    case ErrorKind::BadData: return "bad_data";
    case ErrorKind::Io: return "io";
    case ErrorKind::DiskFull: return "disk_full";
    case ErrorKind::Busy: return "busy";
    case ErrorKind::NotFinite: return "not_finite";
    case ErrorKind::OutOfMemory: return "out_of_memory";
    case ErrorKind::Cancelled: return "cancelled";
    case ErrorKind::Internal: return "internal";
  }
  return "internal";
}

}  // namespace dw
