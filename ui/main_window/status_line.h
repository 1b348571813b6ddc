// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QToolButton;

namespace dw::ui {

class TrainingSession;

/// Device, threads, memory of this program, the folder of the present run as a link, and its newest checkpoint.
class StatusLine : public QWidget {
  Q_OBJECT

 public:
  explicit StatusLine(TrainingSession* session, QWidget* parent = nullptr);

 private:
  void showRun();
  void showMemory();

  TrainingSession* session_;
  QToolButton* folder_;
  QLabel* saved_ = nullptr;
  QLabel* device_;
  QLabel* memory_;
  QTimer refresh_;
};

}  // namespace dw::ui
