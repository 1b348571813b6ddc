// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "diffusion/flow_matching.h"
#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/sigma_path.h"

namespace dw::diffusion {
namespace {

/// Euler's method along the straight path x = (1 - time) x_0 + time eps. A model of another target follows it too: it is
/// asked at the timestep of the same noise-to-signal ratio, from the noisiest that it knows.
class FlowEuler : public Sampler {
 public:
  FlowEuler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) : Sampler(settings, schedule) {
    auto times = pathTimes(settings);
    const SigmaTable table(schedule);
    const double noisiest = settings.target == Target::Flow ? 1.0 : table.largest() / (1.0 + table.largest());
    std::vector<double> t;
    std::vector<Level> levels;
    for (double& time : times) {
      time = std::min(time, noisiest);
      levels.push_back({1.0 - time, time});
      if (levels.size() == times.size()) break;
      t.push_back(settings.target == Target::Flow ? time * static_cast<double>(trainSteps_)
                                                  : table.timeAt(time / (1.0 - time)));
    }
    sigmas_ = std::move(times);
    setPath(std::move(t), std::move(levels));
  }

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise&) override {
    const Pair pair = parts(i, x, output);
    const bool direct = settings_.target == Target::Flow && settings_.clip == 0.0;
    const at::Tensor speed = direct ? output : (x - pair.x0).div_(level(i).noise);  // x - x_0 = time (eps - x_0)
    return {.x = at::add(x, speed, level(i + 1).noise - level(i).noise), .x0 = pair.x0};
  }

 private:
  /// trailing: 1, 1 - 1/n, ... 1/n. linspace: from 1 to the smallest time that was trained on, 1/T, as released.
  std::vector<double> pathTimes(const SamplerSettings& settings) const {
    const auto count = settings.steps;
    std::vector<double> times;
    if (settings.spacing == Spacing::Linspace) {
      times = evenly(1.0, shiftedTime(1.0 / static_cast<double>(trainSteps_), settings.shift), count);
    } else {
      times = evenly(1.0, 0.0, count + 1);
      times.pop_back();
    }
    for (double& time : times) time = shiftedTime(time, settings.shift);
    times.push_back(0.0);
    return times;
  }
};

}  // namespace

std::unique_ptr<Sampler> makeFlowEuler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<FlowEuler>(settings, schedule);
}

}  // namespace dw::diffusion
