// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QString>

namespace dw::ui {

/// When a job that tells its progress will be done, judged from its speed so far.
class RemainingTime {
 public:
  void start() { timer_.start(); }
  /// "12 s left, until 14:32:10"; empty while too little is done to tell. fraction: 0 .. 1.
  QString text(double fraction) const;

 private:
  QElapsedTimer timer_;
};

}  // namespace dw::ui
