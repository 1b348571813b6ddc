// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>
#include <optional>

#include "config/recipe_fields.h"
#include "session/training/recipe_draft.h"

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace dw::ui {

/// One field of the recipe: name, editor, unit, the reason on demand, and at the field itself what is wrong with it and a
/// button that mends it.
class FieldEditor : public QWidget {
  Q_OBJECT

 public:
  /// field must outlive the editor (config::recipeFields() does).
  FieldEditor(const config::Field& field, RecipeDraft* draft, QWidget* parent = nullptr);

  QString key() const { return QString::fromStdString(field_.key); }
  /// Every one of the words stands in the key, the name or the reason.
  bool matches(const QString& words) const;
  /// Shows the draft's value, unless the user is typing here.
  void refresh();
  /// Shows what is wrong here; says whether there is an error.
  bool showProblems();
  /// running: the value that the running run has; shown where the draft has another.
  void setLocked(bool locked, const std::optional<QString>& running);

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildEditor();
  void layOut();
  void take(const QString& text);
  void mend();
  void colorProblem();

  const config::Field& field_;
  QPointer<RecipeDraft> draft_;  // a closing window takes the focus from an editor when the draft may be gone already
  bool typing_ = false;
  QString fix_;
  Severity shown_ = Severity::Note;
  QLabel* name_ = nullptr;
  QWidget* editor_ = nullptr;
  QLineEdit* line_ = nullptr;  // of numbers, texts and lists
  QComboBox* choice_ = nullptr;
  QCheckBox* flag_ = nullptr;
  QToolButton* whyButton_ = nullptr;
  QLabel* why_ = nullptr;
  QLabel* problem_ = nullptr;
  QPushButton* fixButton_ = nullptr;
  QLabel* running_ = nullptr;
};

}  // namespace dw::ui
