// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/timestep_bins.h"

namespace dw::training {

void TimestepBins::add(std::int64_t t, std::int64_t steps, double loss) {
  const auto bin = static_cast<std::size_t>(t * kCount / steps);
  sum.at(bin) += static_cast<float>(loss);
  count.at(bin) += 1.0F;
}

}  // namespace dw::training
