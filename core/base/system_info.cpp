// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/system_info.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace dw {
namespace {

/// Text after "name" and a colon in a file of lines such as /proc/meminfo.
std::string valueOf(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    const auto colon = line.find(':');
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    if (colon != std::string::npos && begin != std::string::npos) return line.substr(begin);
  }
  return {};
}

std::uint64_t kibibytes(const std::string& name) {
  std::uint64_t value = 0;
  std::istringstream(valueOf("/proc/meminfo", name)) >> value;
  return value * 1024;
}

}  // namespace

MemoryInfo systemMemory() { return {.total = kibibytes("MemTotal"), .available = kibibytes("MemAvailable")}; }

std::uint64_t residentMemory() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string processorName() { return valueOf("/proc/cpuinfo", "model name"); }

}  // namespace dw
