// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

#include "workbench/page_host.h"

class QStackedWidget;

namespace dw::theme {
class Theme;
}  // namespace dw::theme

namespace dw::ui {

class CardStack;
class ClosingGuard;
class NavColumn;
class RunBar;
class Workbench;

/// Places the run bar, the pages, the cards and the status line. It knows no page by name (pages.h), and no more about
/// training or data than the Workbench says.
class MainWindow : public QMainWindow, private PageHost {
  Q_OBJECT

 public:
  MainWindow(Workbench* workbench, theme::Theme* theme);

  /// id: one of allPages(); another one is ignored.
  void showPage(const QString& id);
  /// Stops a run, saves, closes; asks nobody.
  void closeCleanly();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void changeEvent(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void showPage(const QWidget* page) override;
  bool isAtStart() const override;
  void showCard(const Card& card) override;
  void dismissCard(const QString& id) override;
  void chooseFile() override;

  void buildPages();
  void layOut();
  void showTitle();

  Workbench* workbench_;
  ClosingGuard* guard_;
  RunBar* runBar_;
  NavColumn* nav_;
  QStackedWidget* pages_;
  CardStack* cards_;
};

}  // namespace dw::ui
