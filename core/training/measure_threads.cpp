// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/measure_threads.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "training/thread_choice.h"

namespace dw::training {
namespace {

constexpr double kLongEnoughMs = 1000.0;  // to measure one number of threads

}  // namespace

int measureThreads(const diffusion::Predictor& predict, const TrialBatch& batch) {
  const auto milliseconds = [&](int threads) {
    at::set_num_threads(threads);
    double best = std::numeric_limits<double>::infinity(), spent = 0.0;
    // The first one warms up, the best of the others counts; where one takes so long, warming up is nothing and somebody waits.
    for (int i = 0; i < 3 && spent < kLongEnoughMs; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      predict(batch.x, batch.time, batch.condition).square().mean().backward();
      const double taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      spent += taken;
      if (i > 0 || taken >= kLongEnoughMs) best = std::min(best, taken);
    }
    return best;
  };
  return chooseThreads(milliseconds, usableCores());
}

}  // namespace dw::training
