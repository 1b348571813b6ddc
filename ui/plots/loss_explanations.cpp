// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_explanations.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include "numbers/number_text.h"
#include "run_folder/rolling_z.h"

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("LossExplanations", text); }

QString deviations(double z) { return QLocale().toString(z, 'f', 1); }

}  // namespace

QString spikeText(const Spike& spike, std::size_t others) {
  QStringList parts;
  if (spike.lossZ >= run_folder::kSpikeZ) parts.append(tr("loss z %1").arg(deviations(spike.lossZ)));
  if (spike.gradNormZ >= run_folder::kSpikeZ) parts.append(tr("grad norm z %1").arg(deviations(spike.gradNormZ)));
  const auto text = tr("spike at step %1: %2").arg(count(spike.step), parts.join(QStringLiteral(", ")));
  return others > 0 ? tr("%1 and %2 more here").arg(text, count(static_cast<std::int64_t>(others))) : text;
}

QString spikeExplained(const Spike& spike) {
  QString what;
  const auto window = count(static_cast<std::int64_t>(run_folder::RollingZ::kWindow));
  if (spike.lossZ >= run_folder::kSpikeZ) {
    what +=
        tr("<p>The loss of step %1 lies <b>%2</b> standard deviations (z) above the mean of the %3 steps before it.</p>")
            .arg(count(spike.step), deviations(spike.lossZ), window);
  }
  if (spike.gradNormZ >= run_folder::kSpikeZ) {
    what +=
        tr("<p>The gradient norm of step %1 lies <b>%2</b> standard deviations (z) above the mean of the %3 steps before it.</p>")
            .arg(count(spike.step), deviations(spike.gradNormZ), window);
  }
  return what +
         tr("<p>A single spike that the curve comes back from is a hard batch: nothing to do. Spikes that come more often, or after which the "
            "loss stays up, say that the updates are too large: halve the learning rate, or clip the gradient. Always the same samples: "
            "look at the data.</p>");
}

QString updateRatioExplained() {
  return tr(
      "<p><b>Update / weight</b>: how far one update moves all the weights, as a share of their length; measured at every tenth step.</p>"
      "<p>About <b>1e-3</b> (the faint line) is a rule of thumb for training from random weights. Far above it the weights are thrown about: "
      "lower the learning rate. Far below it the model hardly learns: the rate may be raised. It falls by itself when the rate is "
      "planned to fall.</p>");
}

}  // namespace dw::ui
