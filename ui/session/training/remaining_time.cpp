// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/remaining_time.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTime>

namespace dw::ui {
namespace {
constexpr qint64 kTooEarlyMs = 700;
QString words(const char* text) { return QCoreApplication::translate("RemainingTime", text); }
}  // namespace

QString RemainingTime::text(double fraction) const {
  if (!timer_.isValid() || timer_.elapsed() < kTooEarlyMs || fraction <= 0.005) return {};
  const auto left = static_cast<qint64>(static_cast<double>(timer_.elapsed()) * (1.0 - fraction) / fraction / 1000.0) + 1;
  const QString much = left < 90      ? words("%1 s left").arg(left)
                       : left < 5400  ? words("%1 min left").arg((left + 30) / 60)
                                      : words("%1 h left").arg((left + 1800) / 3600);
  return words("%1, until %2").arg(much, QLocale().toString(QTime::currentTime().addSecs(static_cast<int>(left)), QLocale::ShortFormat));
}

}  // namespace dw::ui
