// SPDX-License-Identifier: GPL-3.0-or-later
// The menus of MainWindow: every action with its shortcut.
#include <QActionGroup>
#include <QMenuBar>

#include "main_window/main_window.h"
#include "run_bar/run_bar.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"

namespace dw::ui {

void MainWindow::buildMenus() {
  auto* file = menuBar()->addMenu(tr("&File"));
  const auto add = [this](QMenu* menu, const QString& text, const QKeySequence& keys, auto&& slot) {
    auto* action = menu->addAction(text);
    action->setShortcut(keys);
    connect(action, &QAction::triggered, this, slot);
    return action;
  };
  add(file, tr("&Open data…"), QKeySequence::Open, [this] { chooseFile(); });
  add(file, tr("Open the &demo data"), QKeySequence(Qt::CTRL | Qt::Key_D), [this] { openAnything(QStringLiteral("demo")); });
  add(file, tr("&Close data"), QKeySequence(Qt::CTRL | Qt::Key_W), [this] { dataset_->close(); });
  file->addSeparator();
  add(file, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
  auto* view = menuBar()->addMenu(tr("&View"));
  add(view, tr("&Start"), QKeySequence(Qt::CTRL | Qt::Key_1), [this] { showPage(Start); });
  add(view, tr("&Data"), QKeySequence(Qt::CTRL | Qt::Key_2), [this] { showPage(Data); });
  add(view, tr("&Noise"), QKeySequence(Qt::CTRL | Qt::Key_3), [this] { showPage(Noise); });
  add(view, tr("&Train"), QKeySequence(Qt::CTRL | Qt::Key_4), [this] { showPage(Train); });
  add(view, tr("Sa&mples"), QKeySequence(Qt::CTRL | Qt::Key_5), [this] { showPage(Samples); });
  add(view, tr("&Runs"), QKeySequence(Qt::CTRL | Qt::Key_6), [this] { showPage(Runs); });
  view->addSeparator();
  buildThemeMenu(view);
  auto* training = menuBar()->addMenu(tr("&Training"));
  primary_ = add(training, tr("Train"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { runBar_->pressPrimary(); });
  stop_ = add(training, tr("S&top and save"), QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { session_->stop(); });
  step_ = add(training, tr("Train &one step"), QKeySequence(Qt::Key_F10), [this] { session_->stepOnce(); });
  add(training, tr("Begin with the &weights of a file…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), [this] { chooseWeights(); });
  save_ = add(training, tr("&Save a checkpoint now"), QKeySequence::Save, [this] { session_->saveNow(); });
  training->addSeparator();
  add(training, tr("&Half the learning rate"), QKeySequence(Qt::CTRL | Qt::Key_Down), [this] { runBar_->multiplyRate(0.5); });
  add(training, tr("&Double the learning rate"), QKeySequence(Qt::CTRL | Qt::Key_Up), [this] { runBar_->multiplyRate(2.0); });
  undo_ = add(training, tr("&Undo the last change"), QKeySequence::Undo, [this] { session_->undo(); });
  redo_ = add(training, tr("&Make it again"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), [this] { session_->redo(); });
}

void MainWindow::buildThemeMenu(QMenu* menu) {
  auto* group = new QActionGroup(this);
  const auto add = [&](theme::Mode mode, const QString& text) {
    auto* action = menu->addAction(text);
    action->setCheckable(true);
    action->setChecked(theme_->mode() == mode);
    group->addAction(action);
    connect(action, &QAction::triggered, this, [this, mode] { theme_->setMode(mode); });
  };
  add(theme::Mode::System, tr("Colours of the s&ystem"));
  add(theme::Mode::Light, tr("&Light"));
  add(theme::Mode::Dark, tr("Dar&k"));
}

void MainWindow::showActions() {
  primary_->setText(session_->canPause() ? tr("&Pause") : session_->canResume() ? tr("&Resume") : tr("&Train"));
  primary_->setEnabled(session_->canPause() || session_->canResume() || (session_->canTrain() && draft_->isReady()));
  stop_->setEnabled(session_->canStop());
  save_->setEnabled(session_->canSave());
  step_->setEnabled(session_->canStepOnce());
  undo_->setEnabled(session_->canUndo());
  redo_->setEnabled(session_->canRedo());
}

}  // namespace dw::ui
