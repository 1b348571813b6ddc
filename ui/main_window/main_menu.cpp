// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/main_menu.h"

#include <QActionGroup>
#include <QMenuBar>

#include "main_window/file_questions.h"
#include "main_window/main_window.h"
#include "main_window/pages.h"
#include "run_bar/run_bar.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "workbench/workbench.h"

namespace dw::ui {

MainMenu::MainMenu(MainWindow* window, Workbench* workbench, RunBar* runBar, theme::Theme* theme)
    : QObject(window), window_(window), workbench_(workbench) {
  buildFile();
  buildView(theme);
  buildTraining(runBar);
  connect(workbench_->training(), &TrainingSession::actionsChanged, this, &MainMenu::showActions);
  connect(workbench_->draft(), &RecipeDraft::problemsChanged, this, &MainMenu::showActions);
  showActions();
}

template <typename Slot>
QAction* MainMenu::add(QMenu* menu, const QString& text, const QKeySequence& keys, Slot slot) {
  auto* action = menu->addAction(text);
  action->setShortcut(keys);
  connect(action, &QAction::triggered, this, slot);
  return action;
}

void MainMenu::buildFile() {
  auto* file = window_->menuBar()->addMenu(tr("&File"));
  add(file, tr("&Open data…"), QKeySequence::Open, [this] { askForData(workbench_, window_); });
  add(file, tr("Open the &demo data"), QKeySequence(Qt::CTRL | Qt::Key_D),
      [this] { workbench_->open(QStringLiteral("demo")); });
  add(file, tr("&Close data"), QKeySequence(Qt::CTRL | Qt::Key_W), [this] { workbench_->dataset()->close(); });
  file->addSeparator();
  add(file, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { window_->close(); });
}

void MainMenu::buildView(theme::Theme* theme) {
  auto* view = window_->menuBar()->addMenu(tr("&View"));
  for (const auto& page : allPages()) {
    const auto id = QString::fromLatin1(page.id);
    add(view, page.menuText(), QKeySequence(QString::fromLatin1(page.shortcut)), [this, id] { window_->showPage(id); });
  }
  view->addSeparator();
  auto* group = new QActionGroup(this);
  const auto addTheme = [&](theme::Mode mode, const QString& text) {
    auto* action = view->addAction(text);
    action->setCheckable(true);
    action->setChecked(theme->mode() == mode);
    group->addAction(action);
    connect(action, &QAction::triggered, theme, [theme, mode] { theme->setMode(mode); });
  };
  addTheme(theme::Mode::System, tr("Colours of the s&ystem"));
  addTheme(theme::Mode::Light, tr("&Light"));
  addTheme(theme::Mode::Dark, tr("Dar&k"));
}

void MainMenu::buildTraining(RunBar* runBar) {
  auto* training = window_->menuBar()->addMenu(tr("&Training"));
  auto* session = workbench_->training();
  primary_ = add(training, tr("Train"), QKeySequence(Qt::CTRL | Qt::Key_Return), [runBar] { runBar->pressPrimary(); });
  stop_ = add(training, tr("S&top and save"), QKeySequence(Qt::CTRL | Qt::Key_Period), [session] { session->stop(); });
  step_ = add(training, tr("Train &one step"), QKeySequence(Qt::Key_F10), [session] { session->stepOnce(); });
  add(training, tr("Begin with the &weights of a file…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
      [this] { askForWeights(workbench_, window_); });
  save_ = add(training, tr("&Save a checkpoint now"), QKeySequence::Save, [session] { session->saveNow(); });
  training->addSeparator();
  add(training, tr("&Half the learning rate"), QKeySequence(Qt::CTRL | Qt::Key_Down),
      [runBar] { runBar->multiplyRate(0.5); });
  add(training, tr("&Double the learning rate"), QKeySequence(Qt::CTRL | Qt::Key_Up),
      [runBar] { runBar->multiplyRate(2.0); });
  undo_ = add(training, tr("&Undo the last change"), QKeySequence::Undo, [session] { session->undo(); });
  redo_ = add(training, tr("&Make it again"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z),
              [session] { session->redo(); });
}

void MainMenu::showActions() {
  const auto& session = *workbench_->training();
  primary_->setText(session.canPause() ? tr("&Pause") : session.canResume() ? tr("&Resume") : tr("&Train"));
  primary_->setEnabled(session.canPause() || session.canResume() ||
                       (session.canTrain() && workbench_->draft()->isReady()));
  stop_->setEnabled(session.canStop());
  save_->setEnabled(session.canSave());
  step_->setEnabled(session.canStepOnce());
  undo_->setEnabled(session.canUndo());
  redo_->setEnabled(session.canRedo());
}

}  // namespace dw::ui
