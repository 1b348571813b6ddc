// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "run/sampling.h"

namespace dw::model {
class XUDiT;
}

namespace dw::run {

/// A SamplingModel on weights that the caller brings; the model goes to evaluation. Throws Error Usage if the schedule is
/// impossible.
std::shared_ptr<SamplingModel> makeSamplingModel(SampledModel info, std::shared_ptr<model::XUDiT> model);

}  // namespace dw::run
