// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

class QComboBox;
class QInputDialog;
class QToolButton;

namespace dw::ui {

class RecipeDraft;

/// The recipe of the next run: built-in ones, the user's own, and a menu to save, reset and delete them.
class RecipeMenu : public QWidget {
  Q_OBJECT

 public:
  explicit RecipeMenu(RecipeDraft* draft, QWidget* parent = nullptr);
  /// What hovering over it says.
  void setTip(const QString& tip);

 Q_SIGNALS:
  void failed(const QString& sentence, const QString& remedy);

 private:
  void buildMenu();
  void fill();
  void showNames();
  void choose(const QString& name);
  void askName();
  void save(const QString& name);
  void removeOwn();

  RecipeDraft* draft_;
  QComboBox* recipe_ = nullptr;
  QToolButton* more_ = nullptr;
  QPointer<QInputDialog> asking_;
};

}  // namespace dw::ui
