// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "inference/model.h"
#include "schedule/noise_schedule.h"

namespace dw::model {
class XUDiT;
}

namespace dw::inference::networks {

/// XUDiT with weights that the caller brought.
class XuditModel : public Model {
 public:
  /// The network goes to evaluation. Throws Error Usage if the schedule is impossible.
  XuditModel(ModelFacts facts, std::shared_ptr<model::XUDiT> network);
  ~XuditModel() override;

  const ModelFacts& facts() const override { return facts_; }
  Prediction predict(const PredictRequest& request) const override;
  Problems check(const SampleRequest& request) const override;
  std::optional<SampleSet> sample(const SampleRequest& request, const EachSampleState& each,
                                  std::stop_token stop) const override;

  /// The network was given the weights of another step. Only while nobody else holds this object.
  void renew(std::int64_t step, bool averaged);

 private:
  class Sampling;

  ModelFacts facts_;
  std::shared_ptr<model::XUDiT> network_;
  schedule::NoiseSchedule schedule_;
  mutable std::mutex busy_;
};

}  // namespace dw::inference::networks
