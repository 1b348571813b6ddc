// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/measure_threads.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "trainer/xudit/xudit_weights.h"
#include "training/thread_choice.h"

namespace dw::trainer::xudit {
namespace {

constexpr double kLongEnoughMs = 1000.0;  // to measure one number of threads

}  // namespace

int measureThreads(const diffusion::Predictor& predict, const config::Recipe& recipe, const data::SourceInfo& data) {
  const auto batch = recipe.train.batch;
  const auto x = torch::randn({batch, data.channels, data.height, data.width});
  const auto t = torch::rand({batch});
  diffusion::Condition condition;
  if (takesContext(recipe.model)) condition.context = torch::zeros({batch, data.contextRows, data.contextDim});
  if (recipe.model.classCond > 0) condition.labels = torch::zeros({batch}, torch::kLong);
  const auto seconds = [&](int threads) {
    at::set_num_threads(threads);
    double best = std::numeric_limits<double>::infinity(), spent = 0.0;
    // The first one warms up, the best of the others counts; where one takes so long, warming up is nothing and somebody waits.
    for (int i = 0; i < 3 && spent < kLongEnoughMs; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      predict(x, t, condition).square().mean().backward();
      const double taken = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      spent += taken;
      if (i > 0 || taken >= kLongEnoughMs) best = std::min(best, taken);
    }
    return best;
  };
  return training::chooseThreads(seconds, training::usableCores());
}

}  // namespace dw::trainer::xudit
