// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/readout.h"

#include <QCoreApplication>
#include <algorithm>

#include "numbers/number_text.h"

namespace dw::ui {
namespace {
constexpr std::int64_t kMostValues = 4;  // what fits into the line
QString words(const char* text) { return QCoreApplication::translate("Readout", text); }
}  // namespace

QString readoutText(const PointedAt& place, const std::function<double(std::int64_t channel)>& valueAt) {
  QString text = words("sample %1").arg(count(place.sample));
  if (!place.label.isEmpty()) text += QStringLiteral(", ") + place.label;
  if (place.channel >= 0) text += words(", channel %1").arg(place.channel);
  text += words(", row %1, column %2: ").arg(place.row * place.block).arg(place.column * place.block);
  QStringList values;
  if (place.channel >= 0) {
    values << shortNumber(valueAt(place.channel));
  } else {
    for (std::int64_t c = 0; c < std::min(place.channels, kMostValues); ++c) values << shortNumber(valueAt(c));
    if (place.channels > kMostValues) values << QStringLiteral("…");
  }
  text += values.join(QStringLiteral("  "));
  if (place.block > 1) text += words(" (mean of %1 × %1)").arg(place.block);
  return text;
}

}  // namespace dw::ui
