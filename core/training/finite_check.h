// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "training/named_tensors.h"

namespace dw::training {

/// Where the first NaN or infinity lies.
struct NonFinite {
  std::string name;
  std::int64_t count = 0;  ///< how many elements of that tensor are not finite
  bool nan = false;        ///< at least one of them is NaN
};

/// First tensor, in order, with a value that is not finite. Reads everything: used only once something has failed.
std::optional<NonFinite> firstNonFinite(const NamedTensors& tensors);

}  // namespace dw::training
