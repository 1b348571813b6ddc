// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <exception>

#include "messages/messages.h"
#include "trainer/training_task.h"

namespace dw::trainer {

/// Turns whatever was thrown while training or saving into what the user is told. step: updates done by then.
messages::Failed describeFailure(const std::exception_ptr& thrown, std::int64_t step);

/// The same of an update that could not be made, as the Trouble on which a run pauses. step: updates done.
messages::Trouble troubleOf(const messages::Failed& failure, StepFault fault, std::int64_t step);

}  // namespace dw::trainer
