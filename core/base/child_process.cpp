// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/posix_error.h"

extern char** environ;

namespace dw {
namespace {

using Clock = std::chrono::steady_clock;

/// posix_spawn and not fork: the caller may have threads, and a fork of those may only exec anyway.
int spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int socket) {
  std::vector<std::string> texts{program.string()};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t usual;  // what this program ignores is nothing to a helper
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) throwErrno(program, "start the helper program", failed);
  return pid;
}

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  // A socket pair and not two pipes: writing to a dead reader must not raise SIGPIPE here.
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throwErrno(program, "talk to the helper");
  socket_ = ends[0];
  try {
    pid_ = spawn(program, arguments, ends[1]);
  } catch (...) {
    ::close(ends[1]);
    ::close(std::exchange(socket_, -1));
    throw;
  }
  ::close(ends[1]);
}

ChildProcess::~ChildProcess() { end(); }

bool ChildProcess::waitFor(short events, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd state{socket_, events, 0};
    const int ready = left <= 0 ? 0 : ::poll(&state, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) late_ = true;
    return ready > 0;
  }
}

bool ChildProcess::send(std::span<const std::byte> bytes, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!bytes.empty()) {
    if (socket_ < 0 || !waitFor(POLLOUT, deadline)) return false;
    const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

bool ChildProcess::receive(std::span<std::byte> out, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!out.empty()) {
    if (socket_ < 0 || !waitFor(POLLIN, deadline)) return false;
    const auto got = ::recv(socket_, out.data(), out.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

std::string ChildProcess::end() {
  if (pid_ < 0) return "ended early";
  ::close(std::exchange(socket_, -1));
  // Whoever died by itself closed its end first and is (nearly) reapable; give it that moment, so that its own signal is
  // reported and not ours.
  int status = 0;
  pid_t reaped = 0;
  for (int i = 0; i < 50 && reaped == 0 && !late_; ++i) {
    reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0) ::usleep(2000);
  }
  if (reaped == 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  if (late_) return "took too long";
  if (WIFSIGNALED(status)) return std::string("crashed (") + ::strsignal(WTERMSIG(status)) + ")";
  return "ended early";
}

std::filesystem::path findHelper(const std::string& name, const char* environmentVariable) {
  std::error_code failed;
  if (const char* asked = std::getenv(environmentVariable); asked != nullptr && *asked != '\0') return asked;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& place : {folder, folder / "../bin", folder / "../libexec/diffusion-workbench"}) {
    if (std::filesystem::exists(place / name, failed)) return place / name;
  }
  return {};
}

}  // namespace dw
