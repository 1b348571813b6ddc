// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QAction;
class QKeySequence;
class QMenu;

namespace dw::theme {
class Theme;
}  // namespace dw::theme

namespace dw::ui {

class MainWindow;
class RunBar;
class Workbench;

/// The menus of the window: every action with its shortcut, enabled where the sessions allow it.
class MainMenu : public QObject {
  Q_OBJECT

 public:
  MainMenu(MainWindow* window, Workbench* workbench, RunBar* runBar, theme::Theme* theme);

 private:
  template <typename Slot>
  QAction* add(QMenu* menu, const QString& text, const QKeySequence& keys, Slot slot);
  void buildFile();
  void buildView(theme::Theme* theme);
  void buildTraining(RunBar* runBar);
  void showActions();

  MainWindow* window_;
  Workbench* workbench_;
  QAction* primary_ = nullptr;
  QAction* stop_ = nullptr;
  QAction* save_ = nullptr;
  QAction* step_ = nullptr;
  QAction* undo_ = nullptr;
  QAction* redo_ = nullptr;
};

}  // namespace dw::ui
