// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

class QDialog;
class QMessageBox;
class QWidget;

namespace dw::ui {

class TrainingSession;

/// Stands between the close button and a run that trains: asks, stops the run, shows that its checkpoint is being saved,
/// and says when the window may go. Nothing here waits: the window stays alive all the time.
class ClosingGuard : public QObject {
  Q_OBJECT

 public:
  ClosingGuard(TrainingSession* session, QWidget* window);
  /// True: nothing trains, close. False: the guard has asked or is stopping the run; it emits mayClose() later.
  bool allowsClose();
  /// Stops and saves without asking (a stop signal, the end of the desktop session).
  void stopAndClose();

 Q_SIGNALS:
  void mayClose();

 private:
  void ask();
  void showSaving();
  void watch();

  TrainingSession* session_;
  QWidget* window_;
  QPointer<QMessageBox> question_;
  QPointer<QDialog> saving_;
  bool stopping_ = false;
};

}  // namespace dw::ui
