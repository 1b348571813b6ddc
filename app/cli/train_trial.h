// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "trials/trial.h"

namespace dw::cli {

/// `dwb train --dry-run`: what the run would cost, from a few steps on a copy.
int dryRunCommand(const trials::TrialRequest& request, bool json);
/// `dwb train --what-if RATES`: rates separated by commas, each tried for so many steps on the same batches and noise.
int whatIfCommand(const trials::TrialRequest& request, const std::string& rates, std::int64_t steps, bool json);
/// `dwb train --range-test LOW,HIGH`: one branch whose rate rises.
int rangeTestCommand(const trials::TrialRequest& request, const std::string& range, std::int64_t steps, bool json);

}  // namespace dw::cli
