// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/command_inbox.h"

#include <utility>

namespace dw::trainer {
namespace {

bool changesWeights(const messages::Command& command) {
  return std::holds_alternative<messages::StepOnce>(command) || std::holds_alternative<messages::GoBack>(command);
}

}  // namespace

Answer applied(const CommandRequest& request, std::int64_t step) {
  return messages::CommandApplied{.step = step,
                                  .name = messages::commandName(request.command),
                                  .detail = {},
                                  .command = request.command,
                                  .by = request.by};
}

Answer refused(const CommandRequest& request, std::int64_t step, std::string sentence, std::string remedy) {
  return messages::CommandRefused{.step = step,
                                  .name = messages::commandName(request.command),
                                  .sentence = std::move(sentence),
                                  .remedy = std::move(remedy),
                                  .command = request.command,
                                  .by = request.by};
}

void CommandInbox::clear() {
  queue_.drain();
  heldBack_.clear();
}

std::optional<CommandRequest> CommandInbox::next() {
  if (heldBack_.empty()) return queue_.tryPop();
  auto request = std::move(heldBack_.front());
  heldBack_.pop_front();
  return request;
}

std::optional<CommandRequest> CommandInbox::nextWhileMeasuring() {
  for (int looked = 0; looked < kAtOnce; ++looked) {
    auto request = queue_.tryPop();
    if (!request) return std::nullopt;
    const bool waits = !heldBack_.empty() || changesWeights(request->command);
    if (!waits || std::holds_alternative<messages::Stop>(request->command)) return request;
    heldBack_.push_back(std::move(*request));
  }
  return std::nullopt;
}

std::optional<CommandRequest> CommandInbox::waitForNext(const std::stop_token& stop,
                                                        std::optional<std::chrono::milliseconds> limit) {
  if (!heldBack_.empty()) return next();
  return limit ? queue_.waitPop(stop, *limit) : queue_.waitPop(stop);
}

}  // namespace dw::trainer
