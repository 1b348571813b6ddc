// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace dw::ui {

class RateControl;
class RecipeDraft;
class RecipeMenu;
class TrainingSession;
class Workbench;

/// The bar that is always there: recipe, one primary button (Train / Pause / Resume), Step, Stop, Save now, the state in
/// words, progress, speed, time left, learning rate. It asks the session for things and shows what the session says; it has no state of its own.
class RunBar : public QWidget {
  Q_OBJECT

 public:
  explicit RunBar(Workbench* workbench, QWidget* parent = nullptr);
  /// Does what a click on the primary button does: for the menu and its shortcut.
  void pressPrimary();
  /// The learning rate times a factor: for the menu and its shortcut.
  void multiplyRate(double factor);

 Q_SIGNALS:
  void failed(const QString& sentence, const QString& remedy);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildButtons();
  void buildReadouts();
  void layOut();
  void connectAll();
  void showActions();
  void showRecipe();
  void showProgress();
  void setCompact(bool compact);

  Workbench* workbench_;
  TrainingSession* session_;
  RecipeDraft* draft_;
  RecipeMenu* recipe_ = nullptr;
  RateControl* rate_ = nullptr;
  QLabel* recipeCaption_ = nullptr;
  QPushButton* primary_ = nullptr;
  QPushButton* step_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* save_ = nullptr;
  QLabel* state_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QLabel* speed_ = nullptr;
  QLabel* left_ = nullptr;
  QTimer refresh_;
};

}  // namespace dw::ui
