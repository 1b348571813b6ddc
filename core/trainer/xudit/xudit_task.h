// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "trainer/training_task.h"

namespace dw::trainer::xudit {

/// The real training job: XUDiT, its optimizer and EMA on a dataset. Torch stays behind this line.
/// A TaskFactory for TrainingRunner.
std::unique_ptr<TrainingTask> makeXuditTask(TaskRequest request);

}  // namespace dw::trainer::xudit
