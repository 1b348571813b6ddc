// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_input.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"

namespace dw::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestSentence = 4096;

[[noreturn]] void finding(const char* what) {
  std::fprintf(stderr, "FINDING: %s\n", what);
  std::abort();
}

struct MemoryFile {
  int fd = ::memfd_create("fuzz", MFD_CLOEXEC);
  fs::path path{"/proc/self/fd/" + std::to_string(fd)};
};

/// Unpacked data goes into a folder of this process, emptied for each input, so that none finds what another one left.
struct Cache {
  fs::path folder = fs::temp_directory_path() / ("dwb-fuzz-cache-" + std::to_string(::getpid()));
  Cache() {
    ::setenv("DWB_CACHE", folder.c_str(), 1);
    ::setenv("DWB_CACHE_GIB", "0.25", 1);
  }
  ~Cache() { empty(); }
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  void empty() const {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

}  // namespace

const std::filesystem::path& asFile(std::span<const std::byte> bytes) {
  static const MemoryFile file;
  static const Cache cache;
  cache.empty();
  if (::ftruncate(file.fd, 0) != 0 ||
      ::pwrite(file.fd, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    finding("the input could not be written into a file in memory");
  return file.path;
}

void refusalsOnly(const std::function<void()>& reader) {
  try {
    reader();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Internal) finding(error.what());
    const auto length = std::strlen(error.what());
    if (length == 0 || length > kLongestSentence) finding("a refusal without a sentence that can be read");
  } catch (const std::exception& other) {
    finding(other.what());
  }
}

void readEnds(const data::LatentSource& source) {
  const auto& info = source.info();
  std::vector<float> sample(static_cast<std::size_t>(info.sampleSize()));
  using Place = std::array<std::int64_t, 2>;
  for (const auto& [index, crop] : {Place{0, 0}, Place{info.samples - 1, info.crops - 1}})
    source.read({&index, 1}, {&crop, 1}, sample);
  if (source.context() != nullptr) readEnds(*source.context());
}

void openAndRead(const data::sources::Format& format, std::span<const std::byte> bytes) {
  const auto& path = asFile(bytes);
  refusalsOnly([&] {
    format.matches(ReadFile(path));
    const auto source = format.open(path, {});
    readEnds(*source);
    const auto& axes = source->info().axes;
    readEnds(*format.open(path, {.axes = {axes.rbegin(), axes.rend()}}));
  });
}

}  // namespace dw::fuzz
