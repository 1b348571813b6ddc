// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace dw {
namespace {

std::string withPlace(const std::filesystem::path& path, const std::string& sentence, std::optional<std::uint64_t> byte) {
  std::string place = path.string();
  if (byte) place += ", byte " + std::to_string(*byte);
  return place + ": " + sentence;
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& sentence, std::string remedy)
    : std::runtime_error(sentence), kind_(kind), remedy_(std::move(remedy)) {}

Error::Error(About about, ErrorKind kind, const std::string& sentence, std::string remedy)
    : std::runtime_error(withPlace(about.path, sentence, about.byte)),
      kind_(kind),
      path_(std::move(about.path)),
      remedy_(std::move(remedy)),
      byte_(about.byte) {}

const char* toString(ErrorKind kind) noexcept {
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
