// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/remaining_time.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTime>

#include "numbers/number_text.h"

namespace dw::ui {
namespace {
constexpr qint64 kTooEarlyMs = 700;
QString words(const char* text) { return QCoreApplication::translate("RemainingTime", text); }
}  // namespace

QString RemainingTime::text(double fraction) const {
  if (!timer_.isValid() || timer_.elapsed() < kTooEarlyMs || fraction <= 0.005) return {};
  const auto left =
      static_cast<qint64>(static_cast<double>(timer_.elapsed()) * (1.0 - fraction) / fraction / 1000.0) + 1;
  return words("%1 left, until %2")
      .arg(roughDurationText(static_cast<double>(left)),
           QLocale().toString(QTime::currentTime().addSecs(static_cast<int>(left)), QLocale::ShortFormat));
}

}  // namespace dw::ui
