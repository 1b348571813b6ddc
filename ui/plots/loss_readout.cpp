// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_readout.h"

#include <QCoreApplication>
#include <QLocale>

#include "numbers/number_text.h"
#include "plots/chart_colors.h"

namespace dw::ui {
namespace {

constexpr QChar kFull(0x2501), kDashed(0x254d), kDotted(0x2509);

QString tr(const char* text) { return QCoreApplication::translate("LossReadout", text); }

QString lineOf(const QColor& color, QChar line) {
  return QStringLiteral("<span style='color:%1'><b>%2%2</b></span>&nbsp;").arg(color.name()).arg(line);
}

QString part(const QString& name, const QString& value) {
  return QStringLiteral("<span style='white-space:nowrap'>%1&nbsp;<b>%2</b></span>&nbsp;&nbsp;&nbsp;").arg(name, value);
}

/// 7e-5 rather than 7e-05.
QString shortFigure(double value) {
  QString text = QLocale().toString(value, 'g', 3);
  return text.replace(QLatin1String("e-0"), QLatin1String("e-")).replace(QLatin1String("e+0"), QLatin1String("e+"));
}

QString fixed(double value) { return QLocale().toString(value, 'f', 4); }

/// Measured now and then: the step of the value is told where it is another one.
QString rarePart(const QString& name, const QString& value, std::int64_t measuredAt, std::int64_t step) {
  return part(measuredAt == step ? name : tr("%1 (step&nbsp;%2)").arg(name, count(measuredAt)), value);
}

QString validationPart(const LossData& data, std::size_t point) {
  const auto at = data.validation().nearest(data.raw().x(point));
  return rarePart(tr("validation"), fixed(data.validation().y(at)), data.validationStep(at), data.step(point));
}

QString ratioPart(const LossData& data, std::size_t point) {
  const auto at = data.updateRatio().nearest(data.raw().x(point));
  return rarePart(tr("update / weight"), shortFigure(data.updateRatio().y(at)), data.updateRatioStep(at),
                  data.step(point));
}

}  // namespace

QString lossReadout(const LossData& data, std::size_t i, const ChartColors& colors, const QString& flags,
                    const QString& spikes) {
  QString text = part(tr("step"), count(data.step(i)));
  text += lineOf(colors.raw, kFull) + part(tr("loss"), fixed(data.raw().y(i)));
  if (data.window() > 1.0) text += lineOf(colors.smooth, kFull) + part(tr("smoothed"), fixed(data.smooth().y(i)));
  if (!data.validation().empty()) text += lineOf(colors.curvePen(2).color(), kDotted) + validationPart(data, i);
  text += lineOf(colors.lr, kDashed) + part(tr("learning rate"), shortFigure(data.lr().y(i)));
  text += lineOf(colors.faint(colors.curvePen(3).color()), kFull) +
          part(tr("grad norm"), shortFigure(data.gradNorm().y(i)));
  if (!data.updateRatio().empty()) text += lineOf(colors.curvePen(4).color(), kDashed) + ratioPart(data, i);
  if (data.axis() == LossAxis::Samples) text += part(tr("samples"), count(data.samples(i)));
  if (data.axis() == LossAxis::Time) text += part(tr("trained for"), secondsText(data.activeS(i)));
  if (!flags.isEmpty()) text += QStringLiteral("\u25BC&nbsp;<b>%1</b>").arg(flags.toHtmlEscaped());
  if (!spikes.isEmpty())
    text += QStringLiteral("<span style='color:%1'><b>\u25EF</b></span>&nbsp;<b>%2</b>")
                .arg(colors.curvePen(5).color().name(), spikes.toHtmlEscaped());
  return text;
}

}  // namespace dw::ui
