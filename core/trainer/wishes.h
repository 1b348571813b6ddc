// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trainer/command_inbox.h"
#include "trainer/live_control.h"

namespace dw::trainer {

/// What the user wants of a run, to be done at the next step boundary.
struct Wishes {
  bool pause = false;
  bool stop = false;
};

/// Obeys what needs no model, so that it can be obeyed while a run is being prepared too: pause, resume, stop, and the live settings.
/// step: updates done. Empty: the command is none of these.
std::optional<Answer> obeyWithoutModel(const CommandRequest& request, std::int64_t step, Wishes& wishes,
                                       LiveControl& control);

}  // namespace dw::trainer
