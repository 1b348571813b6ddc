// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_table.h"

#include <utility>

namespace dw::ui {
namespace {

/// Goes through what has rising steps of its own beside the rows: the index that belongs to a step, or none.
template <typename StepOf>
class Beside {
 public:
  Beside(std::size_t size, StepOf stepOf) : size_(size), stepOf_(std::move(stepOf)) {}
  std::optional<std::size_t> at(std::int64_t step) {
    while (next_ < size_ && stepOf_(next_) < step) ++next_;
    return next_ < size_ && stepOf_(next_) == step ? std::optional(next_) : std::nullopt;
  }

 private:
  std::size_t size_, next_ = 0;
  StepOf stepOf_;
};

void write(QTextStream& out, const LossData& data) {
  out << "step,loss,smoothed_loss,lr,grad_norm,samples_seen,active_s,validation_loss,update_ratio,spike_loss_z,spike_grad_norm_z\n";
  out.setRealNumberPrecision(9);
  Beside validation(data.validation().size(), [&data](std::size_t i) { return data.validationStep(i); });
  Beside ratios(data.updateRatio().size(), [&data](std::size_t i) { return data.updateRatioStep(i); });
  Beside spikes(data.spikes().size(), [&data](std::size_t i) { return data.spikes()[i].step; });
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto step = data.step(i);
    out << step << ',' << data.raw().y(i) << ',' << data.smooth().y(i) << ',' << data.lr().y(i) << ','
        << data.gradNorm().y(i) << ',' << data.samples(i) << ',' << data.activeS(i) << ',';
    if (const auto at = validation.at(step)) out << data.validation().y(*at);
    out << ',';
    if (const auto at = ratios.at(step)) out << data.updateRatio().y(*at);
    out << ',';
    const auto spike = spikes.at(step);
    if (spike) out << data.spikes()[*spike].lossZ;
    out << ',';
    if (spike) out << data.spikes()[*spike].gradNormZ;
    out << '\n';
  }
}

}  // namespace

CsvWriter lossTable(LossData data) {
  return [data = std::move(data)](QTextStream& out) { write(out, data); };
}

}  // namespace dw::ui
