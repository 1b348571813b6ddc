// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

#include "session/training/remaining_time.h"

class QLabel;
class QProgressBar;

namespace dw::ui {

class DatasetSession;

/// A line above the page while a dataset is being opened, if that takes longer than a blink: what is done, how far it is,
/// when it will be done, and a button that gives up.
class OpeningStrip : public QFrame {
  Q_OBJECT

 public:
  explicit OpeningStrip(DatasetSession* session, QWidget* parent = nullptr);

 private:
  void begin(const QString& path);
  void report(const QString& activity, double fraction);
  void end();

  QTimer soon_;
  RemainingTime remaining_;
  QString activity_;
  QLabel* text_;
  QProgressBar* progress_;
  QLabel* left_;
};

}  // namespace dw::ui
