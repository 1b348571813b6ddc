// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dw {

/// A helper program in a process of its own, spoken to through its standard input and output, for work on untrusted
/// files that could crash a library: when it dies, the caller gets `false`, not a crash. It lies in a process group of
/// its own, so that Ctrl-C reaches only us. Used by one thread at a time.
class ChildProcess {
 public:
  /// Starts it. Throws Error Io if it cannot be started.
  ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments);
  /// Ends it if it still runs, and waits for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// False: it no longer listens, or did not take the bytes in time.
  bool send(std::span<const std::byte> bytes, std::chrono::milliseconds limit);
  /// Fills out. False: it ended first, or took longer than limit.
  bool receive(std::span<std::byte> out, std::chrono::milliseconds limit);

  /// Ends it and says how it went, for a sentence: "crashed (Segmentation fault)", "took too long", "ended early".
  std::string end();

 private:
  bool waitFor(short events, std::chrono::steady_clock::time_point deadline);

  int socket_ = -1;
  int pid_ = -1;
  bool late_ = false;
};

/// A program that belongs to this one: beside the running executable, in ../bin or ../libexec/diffusion-workbench of it,
/// or where the environment variable says. Empty if there is none.
std::filesystem::path findHelper(const std::string& name, const char* environmentVariable);

}  // namespace dw
