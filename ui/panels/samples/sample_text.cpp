// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/sample_text.h"

#include <QCoreApplication>

#include "forms/choice_box.h"
#include "inference/sample_set.h"
#include "numbers/number_text.h"

namespace dw::ui {
namespace {
QString tr(const char* text) { return QCoreApplication::translate("SampleText", text); }
}  // namespace

QString jobText(const inference::SampleSet& samples) {
  const auto& request = samples.request;
  QString text =
      (samples.model.averaged ? tr("average of step %1") : tr("weights of step %1")).arg(count(samples.model.step));
  text += QCoreApplication::translate("SampleText", ", %1, %2 steps", nullptr, plural(request.steps))
              .arg(choiceLabel(request.sampler))
              .arg(request.steps);
  if (request.guidance != 1.0) text += tr(", guidance %1").arg(shortNumber(request.guidance));
  return text + tr(", seed %1").arg(request.seed);
}

QString classText(const inference::SampleSet& samples, qint64 index) {
  const auto label = samples.labelOf(index);
  if (label < 0) return {};
  const auto& names = samples.model.classNames;
  const bool named = label < static_cast<std::int64_t>(names.size()) && !names[static_cast<std::size_t>(label)].empty();
  return named ? QString::fromStdString(names[static_cast<std::size_t>(label)]) : QString::number(label);
}

}  // namespace dw::ui
