// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "base/bounded_queue.h"
#include "messages/messages.h"

namespace dw::trainer {

/// A command and who sent it (CommandApplied::by).
struct CommandRequest {
  messages::Command command;
  std::string by = "user";
};

/// What became of a command. Empty: that is told later (a save when it is on the disk), or by another way (CopyWeights).
using Answer = std::optional<std::variant<messages::CommandApplied, messages::CommandRefused>>;

/// step: updates done before it.
Answer applied(const CommandRequest& request, std::int64_t step);
Answer refused(const CommandRequest& request, std::int64_t step, std::string sentence, std::string remedy);

/// The way in: any thread sends, the training thread takes out between two steps, in the order in which they came.
class CommandInbox {
 public:
  /// commands between two steps: a flood of them must not keep the run from training
  static constexpr int kAtOnce = 256;

  /// Any thread, never blocks. False: it is full.
  bool send(CommandRequest request) { return queue_.tryPush(std::move(request)); }
  /// Forgets what was sent to the run before, after its end.
  void clear();

  /// The next one; empty if there is none.
  std::optional<CommandRequest> next();
  /// The next one that may be obeyed while the weights must stay as they are, because something is being measured with them. What
  /// would change them is held back for next(), and so is all that came after it, a Stop apart.
  std::optional<CommandRequest> nextWhileMeasuring();
  /// Waits for one, for no longer than `limit` where one is given. Empty: stop, or the time is over.
  std::optional<CommandRequest> waitForNext(const std::stop_token& stop,
                                            std::optional<std::chrono::milliseconds> limit);

 private:
  static constexpr std::size_t kCapacity = 1024;
  BoundedQueue<CommandRequest> queue_{kCapacity};
  std::deque<CommandRequest> heldBack_;  ///< the training thread's alone
};

}  // namespace dw::trainer
