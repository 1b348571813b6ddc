// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

class QWidget;

namespace dw::ui {

class TrainingSession;

/// What the desktop is asked for while a run trains: not to go to sleep, and to tell of its end or failure when nobody is
/// looking at the window. Where there is no D-Bus, or the desktop refuses, nothing happens: training needs neither.
class DesktopLink : public QObject {
  Q_OBJECT

 public:
  DesktopLink(TrainingSession* session, QWidget* window);
  ~DesktopLink() override;

  /// Shows a notification of the desktop.
  void notify(const QString& title, const QString& text, bool urgent);
  /// How often the user was to be told; for tests.
  int told() const { return told_; }

 private:
  void watch();
  void keepAwake(bool on);

  struct Lock;
  TrainingSession* session_;
  QWidget* window_;
  std::shared_ptr<Lock> lock_;
  bool wanted_ = false;
  bool wasBusy_ = false;
  int told_ = 0;
};

}  // namespace dw::ui
