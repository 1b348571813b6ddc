// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace dw::training {

/// Number of threads for LibTorch by measurement: tries 1, 2, 4, ... and the limit, and goes on only while a step gets at
/// least 5 % faster, because small models gain little and the window wants a core too.
/// secondsPerStep(threads) runs a few steps with that many threads and says how long one took. limit >= 1.
int chooseThreads(const std::function<double(int)>& secondsPerStep, int limit);

/// Cores that this process may use, at least 1.
int usableCores();

}  // namespace dw::training
