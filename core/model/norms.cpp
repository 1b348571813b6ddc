// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/norms.h"

namespace dw::model {

Norm::Norm(NormKind kind, std::int64_t dim)
    : kind_(kind), weight_(register_parameter(kind == NormKind::Dyt ? "in_weight" : "weight", torch::ones({dim}))) {}

}  // namespace dw::model
