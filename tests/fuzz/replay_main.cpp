// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for libFuzzer where there is none: runs a target once for each file in the given folders, so that what was
// found once stays mended. Ends by abort() at a finding, with 1 if memory grew far beyond the inputs or there were none.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

/// Read by AddressSanitizer where the program is built with it. Freed memory is given back soon, so that what is held
/// tells what a reader took; one request beyond the campaign's limit is a finding.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=8:max_allocation_size_mb=256"; }

namespace {

constexpr long kMostGrowthKiB = 256L << 10;  // the largest picture has 2^26 pixels of three bytes: 192 MiB

long peakKiB() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::string bytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> inputs;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (entry.is_regular_file()) inputs.push_back(entry.path());
    }
  }
  std::sort(inputs.begin(), inputs.end());
  for (const auto& path : inputs) {
    const auto before = peakKiB();
    const auto bytes = bytesOf(path);
    std::fprintf(stderr, "%s, %zu bytes\n", path.c_str(), bytes.size());  // the last line names the culprit
    LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    if (const auto growth = peakKiB() - before; growth > kMostGrowthKiB) {
      std::fprintf(stderr, "FINDING: %ld MiB of memory for this input\n", growth >> 10);
      return 1;
    }
  }
  std::fprintf(stderr, "%zu inputs, at most %ld MiB of memory\n", inputs.size(), peakKiB() >> 10);
  return inputs.empty() ? 1 : 0;
}
