// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>
#include <optional>

#include "config/recipe.h"

class QFrame;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace dw::ui {

class CollapsibleSection;
class FieldEditor;
class RecipeDraft;

/// The recipe as a form, made from config::recipeFields(): five fields for a start, everything else in sections under a
/// search box. Edits go to the draft; its problems come back to the fields they name.
class RecipeForm : public QWidget {
  Q_OBJECT

 public:
  explicit RecipeForm(RecipeDraft* draft, QWidget* parent = nullptr);

  /// While a run is under way its recipe is frozen: the form is locked and says so, until the user asks for a draft of the
  /// next run. Empty: nothing runs.
  void setRunning(const std::optional<config::Recipe>& running);
  bool isLocked() const;

 private:
  void buildBanner(QVBoxLayout* column);
  void buildFields(QVBoxLayout* column);
  void filter(const QString& words);
  void refresh();
  void showProblems();
  void showLock();

  RecipeDraft* draft_;
  QList<FieldEditor*> fields_;
  QList<CollapsibleSection*> sections_;
  QLineEdit* search_ = nullptr;
  QLabel* nothingFound_ = nullptr;
  QFrame* banner_ = nullptr;
  QLabel* bannerText_ = nullptr;
  QPushButton* unlock_ = nullptr;
  std::optional<config::Recipe> running_;
  bool unlocked_ = false;
};

}  // namespace dw::ui
