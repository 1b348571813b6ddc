// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/training_task.h"

#include "base/error.h"

namespace dw::trainer {

void TrainingTask::goTo(const std::filesystem::path& checkpoint) {
  throw Error(ErrorKind::Usage, checkpoint, "this kind of training cannot go back to a checkpoint",
              "stop, and resume the run from there");
}

}  // namespace dw::trainer
