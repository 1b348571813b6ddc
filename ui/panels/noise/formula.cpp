// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/formula.h"

#include <QCoreApplication>
#include <cmath>

#include "numbers/number_text.h"
#include "session/noise/noise_lab.h"

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("NoiseFormula", text); }
QString fixed(double value, int digits = 4) {
  return QString::number(value, 'f', digits).replace(QLatin1Char('-'), QChar(0x2212));
}

QString row(const QString& name, const QString& value, const QString& meaning) {
  return QStringLiteral("<tr><td>%1</td><td align='right'>&nbsp;<b>%2</b></td><td>&nbsp;&nbsp;%3</td></tr>")
      .arg(name, value, meaning);
}

}  // namespace

QString formulaText(const NoiseLab& lab) {
  const auto terms = schedule::forwardTerms(lab.curve()->tables, lab.t());
  return QStringLiteral(
             "<i>x</i><sub>%1</sub> = √<i>ᾱ</i> · <i>x</i>₀ + √(1 − <i>ᾱ</i>) · <i>ε</i> = <b>%2</b> · <i>x</i>₀ + <b>%3</b> · <i>ε</i>")
      .arg(lab.t())
      .arg(fixed(terms.signal), fixed(terms.sigma));
}

QString figuresText(const NoiseLab& lab) {
  const auto& tables = lab.curve()->tables;
  const auto t = static_cast<std::size_t>(lab.t());
  const double alphaBar = tables.alphaBar[t], snr = tables.snr[t];
  QString text = QStringLiteral("<table cellspacing='0' cellpadding='1'>");
  text += row(QStringLiteral("<i>β</i>"), shortNumber(tables.betas[t]), tr("added by this step"));
  text += row(QStringLiteral("<i>ᾱ</i>"), fixed(alphaBar), tr("of the variance is signal"));
  text += row(QStringLiteral("1 − <i>ᾱ</i>"), fixed(1.0 - alphaBar), tr("is noise"));
  text += row(tr("SNR"), shortNumber(snr), QStringLiteral("<i>ᾱ</i> / (1 − <i>ᾱ</i>)"));
  text += row(tr("log₁₀ SNR"), snr > 0.0 ? fixed(std::log10(snr), 2) : tr("−∞"),
              snr > 1.0 ? tr("more signal than noise") : tr("more noise than signal"));
  return text + QStringLiteral("</table>");
}

}  // namespace dw::ui
