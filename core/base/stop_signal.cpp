// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/stop_signal.h"

#include <csignal>
#include <unistd.h>

#include <atomic>

namespace dw {
namespace {

std::atomic<int> seen{0};
static_assert(std::atomic<int>::is_always_lock_free, "the handler may touch lock-free atomics only");
constexpr int kGiveUpAfter = 3;
constexpr int kInterrupted = 130;

void onSignal(int) {
  if (seen.fetch_add(1) + 1 >= kGiveUpAfter) ::_exit(kInterrupted);
}

}  // namespace

void catchStopSignals() {
  struct sigaction action {};
  action.sa_handler = onSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A closed terminal or a lost ssh connection must not cost the work since the last checkpoint; who started us with
  // nohup wants us to go on.
  struct sigaction before {};
  if (::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

int stopSignalsSeen() noexcept { return seen.load(); }

}  // namespace dw
