// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace dw::ui {

class DatasetSession;
class PageHost;
class Workbench;

/// The first thing a new user sees: two ways to get data, what was open lately, and that nothing leaves the machine.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  explicit StartPage(DatasetSession* session, QWidget* parent = nullptr);
  /// Reads the recent datasets and runs again.
  void refresh();

 Q_SIGNALS:
  void openRequested();
  void demoRequested();
  void datasetRequested(const QString& path);
  /// Go on with the run in this folder.
  void resumeRequested(const QString& folder);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* buildChoices();
  QWidget* buildRecent();

  DatasetSession* session_;
  QLabel* busy_ = nullptr;
  QVBoxLayout* datasets_ = nullptr;
  QVBoxLayout* runs_ = nullptr;
};

/// The page as it stands in the window.
QWidget* makeStartPage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
