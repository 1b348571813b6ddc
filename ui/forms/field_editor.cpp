// SPDX-License-Identifier: GPL-3.0-or-later
#include "forms/field_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

#include "forms/choice_box.h"
#include "forms/field_text.h"
#include "session/training/recipe_draft.h"

namespace dw::ui {
namespace {

constexpr int kNameWidth = 120;

QLabel* smallLabel() {
  auto* label = new QLabel;
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->hide();
  return label;
}

}  // namespace

FieldEditor::FieldEditor(const config::Field& field, RecipeDraft* draft, QWidget* parent)
    : QWidget(parent), field_(field), draft_(draft) {
  setObjectName(QStringLiteral("field.") + key());
  buildEditor();
  name_ = new QLabel(labelOf(field_));
  name_->setBuddy(editor_);
  name_->setMinimumWidth(kNameWidth);
  whyButton_ = new QToolButton;
  whyButton_->setText(QStringLiteral("?"));
  whyButton_->setAutoRaise(true);
  whyButton_->setCheckable(true);
  whyButton_->setObjectName(QStringLiteral("why.") + key());
  whyButton_->setAccessibleName(tr("Why: %1").arg(labelOf(field_)));
  why_ = smallLabel();
  why_->setText(whyOf(field_) + (rangeOf(field_).isEmpty() ? QString() : tr(" Range: %1.").arg(rangeOf(field_))));
  problem_ = smallLabel();
  problem_->setObjectName(QStringLiteral("problem.") + key());
  fixButton_ = new QPushButton;
  fixButton_->setObjectName(QStringLiteral("fix.") + key());
  fixButton_->setAccessibleName(tr("Fix %1").arg(labelOf(field_)));
  fixButton_->hide();
  running_ = smallLabel();
  layOut();
  connect(whyButton_, &QToolButton::toggled, why_, &QLabel::setVisible);
  connect(fixButton_, &QPushButton::clicked, this, &FieldEditor::mend);
  refresh();
}

void FieldEditor::buildEditor() {
  if (field_.kind == config::FieldKind::Flag) {
    flag_ = new QCheckBox;
    editor_ = flag_;
    connect(flag_, &QCheckBox::clicked, this,
            [this](bool on) { take(on ? QStringLiteral("true") : QStringLiteral("false")); });
  } else if (field_.kind == config::FieldKind::Choice) {
    choice_ = new QComboBox;
    choice_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    choice_->setFocusPolicy(Qt::StrongFocus);
    choice_->installEventFilter(this);
    for (const auto& one : field_.choices) addChoice(choice_, one);
    editor_ = choice_;
    connect(choice_, &QComboBox::activated, this, [this](int row) { take(choice_->itemData(row).toString()); });
  } else {
    line_ = new QLineEdit;
    line_->setMinimumWidth(64);
    if (field_.kind != config::FieldKind::Text) line_->setAlignment(Qt::AlignRight);
    editor_ = line_;
    connect(line_, &QLineEdit::textEdited, this, &FieldEditor::take);
    connect(line_, &QLineEdit::editingFinished, this, &FieldEditor::refresh);
  }
  editor_->setObjectName(QStringLiteral("edit.") + key());
  editor_->setAccessibleName(labelOf(field_));
  editor_->setAccessibleDescription(whyOf(field_));
  const QString range = rangeOf(field_);
  const QString tip = QStringLiteral("<p>%1</p><p><i>%2</i> %3</p>").arg(whyOf(field_).toHtmlEscaped(), key(), range);
  editor_->setToolTip(tip);
}

void FieldEditor::layOut() {
  auto* row = new QHBoxLayout;
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(name_);
  row->addWidget(editor_, 1);
  auto* unit = new QLabel(unitOf(field_));
  unit->setMinimumWidth(56);
  unit->setProperty("muted", true);
  row->addWidget(unit);
  row->addWidget(whyButton_);
  auto* mending = new QHBoxLayout;
  mending->setContentsMargins(0, 0, 0, 0);
  mending->setSpacing(8);
  mending->addWidget(problem_, 1);
  mending->addWidget(fixButton_, 0, Qt::AlignTop);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(row);
  column->addLayout(mending);
  column->addWidget(running_);
  column->addWidget(why_);
}

bool FieldEditor::matches(const QString& words) const {
  const QString text = key() + QLatin1Char(' ') + labelOf(field_) + QLatin1Char(' ') + whyOf(field_);
  const auto parts = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  return std::all_of(parts.begin(), parts.end(),
                     [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

void FieldEditor::take(const QString& text) {
  typing_ = line_ != nullptr;  // rewriting "0.0010" as "0.001" under the fingers would move the cursor
  draft_->setField(key(), text);
  typing_ = false;
}

void FieldEditor::refresh() {
  if (typing_ || draft_.isNull()) return;
  const QString text = draft_->text(key());
  if (line_ != nullptr && line_->text() != text) line_->setText(text);
  if (choice_ != nullptr) choice_->setCurrentIndex(choice_->findData(text));
  if (flag_ != nullptr) flag_->setChecked(text == QLatin1String("true"));
}

bool FieldEditor::showProblems() {
  const auto problems = draft_->problemsOf(key());
  problem_->setVisible(!problems.empty());
  fix_.clear();
  if (!problems.empty()) {
    const auto& worst = problems.front();
    QString text = QString::fromStdString(worst.sentence);
    if (!worst.remedy.empty()) text += QStringLiteral("\n") + QString::fromStdString(worst.remedy);
    problem_->setText(text);
    fix_ = QString::fromStdString(worst.fix);
    shown_ = worst.severity;
    colorProblem();
  }
  fixButton_->setVisible(!fix_.isEmpty());
  fixButton_->setText(tr("Use %1").arg(fix_));
  return hasErrors(problems);
}

void FieldEditor::mend() {
  draft_->setField(key(), fix_);
  refresh();
  editor_->setFocus();
}

void FieldEditor::setLocked(bool locked, const std::optional<QString>& running) {
  editor_->setEnabled(!locked);
  fixButton_->setEnabled(!locked);
  running_->setVisible(running.has_value());
  if (running) running_->setText(tr("the running run has %1").arg(*running));
}

void FieldEditor::colorProblem() {
  QPalette colors = palette();
  colors.setColor(QPalette::WindowText, severityColor(shown_, palette()));
  problem_->setPalette(colors);
}

void FieldEditor::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && problem_ != nullptr) colorProblem();
}

// Scrolling the form with the wheel must not change a choice that happens to pass under the mouse.
bool FieldEditor::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::Wheel || choice_->hasFocus()) return QWidget::eventFilter(watched, event);
  event->ignore();
  return true;
}

}  // namespace dw::ui
