// SPDX-License-Identifier: GPL-3.0-or-later
#include "numbers/number_text.h"

#include <QLocale>
#include <cmath>

namespace dw::ui {

QString shortNumber(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? QStringLiteral("NaN") : QStringLiteral("∞");
  const double size = std::abs(value);
  QString text;
  if (size == 0.0) {
    text = QStringLiteral("0");
  } else if (size >= 1e5 || size < 1e-3) {
    text = QString::number(value, 'e', size < 1.0 ? 1 : 2);  // small ones with a minus in the exponent: as wide
    const auto exponent = text.indexOf(QLatin1Char('e'));  // e-05 -> e-5: tables are narrow
    text = text.left(exponent + 1) + QString::number(text.mid(exponent + 1).toInt());
  } else if (size < 0.01) {
    text = QString::number(value, 'g', 2);  // three decimals would round it to nothing
  } else {
    text = QString::number(value, 'f', size < 10 ? 3 : 1);
  }
  return text.replace(QLatin1Char('-'), QChar(0x2212));
}

QString fileSize(std::uint64_t bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

QString count(std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); }

}  // namespace dw::ui
