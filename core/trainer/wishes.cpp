// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/wishes.h"

namespace dw::trainer {

std::optional<Answer> obeyWithoutModel(const CommandRequest& request, std::int64_t step, Wishes& wishes,
                                       LiveControl& control) {
  const auto& command = request.command;
  if (std::holds_alternative<messages::Pause>(command)) {
    wishes.pause = true;
  } else if (std::holds_alternative<messages::Resume>(command)) {
    wishes.pause = false;
  } else if (std::holds_alternative<messages::Stop>(command)) {
    wishes.stop = true;
  } else if (LiveControl::handles(command)) {
    return control.apply(command, step, request.by);
  } else {
    return std::nullopt;
  }
  return applied(request, step);
}

}  // namespace dw::trainer
