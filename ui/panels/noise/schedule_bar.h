// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace dw::ui {

class NoiseLab;
class RecipeDraft;

/// The fields of the noise schedule, a second kind to compare with, and the way to the recipe and back. It follows the
/// recipe until somebody changes a field here.
class ScheduleBar : public QWidget {
  Q_OBJECT

 public:
  ScheduleBar(NoiseLab* lab, RecipeDraft* draft, QWidget* parent = nullptr);

 Q_SIGNALS:
  void exportRequested();

 private:
  QLineEdit* numberField(const char* name, const QString& label, int characters);
  void layOut();
  void connectAll();
  void followRecipe();
  void takeFields();
  void show(const config::ScheduleSettings& settings);
  void showKind();
  void showProblems();
  void showDifference();
  void useForTraining();
  void mend();

  NoiseLab* lab_;
  RecipeDraft* draft_;
  Problems unreadable_;  ///< fields that hold no number
  bool ownSettings_ = false;
  QComboBox* kind_ = nullptr;
  QComboBox* compared_ = nullptr;
  QLineEdit* steps_ = nullptr;
  QLineEdit* betaMin_ = nullptr;
  QLineEdit* betaMax_ = nullptr;
  QLineEdit* shift_ = nullptr;
  QLineEdit* points_ = nullptr;
  std::vector<QWidget*> rangeRow_, shiftRow_, pointsRow_;  ///< fields of some kinds only, with their labels
  QLabel* problem_ = nullptr;
  QPushButton* fix_ = nullptr;
  QPushButton* use_ = nullptr;
  QPushButton* back_ = nullptr;
};

}  // namespace dw::ui
