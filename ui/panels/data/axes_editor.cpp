// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/axes_editor.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QToolButton>

#include "data/axis_roles.h"
#include "numbers/number_text.h"

namespace dw::ui {
namespace {

QString roleName(char role) {
  switch (role) {
    case 'B': return AxesEditor::tr("B: samples");
    case 'T': return AxesEditor::tr("T: crops of the same picture");
    case 'C': return AxesEditor::tr("C: channels");
    case 'H': return AxesEditor::tr("H: height");
    case 'W': return AxesEditor::tr("W: width");
    default: return {};
  }
}

}  // namespace

AxesEditor::AxesEditor(QWidget* parent)
    : QWidget(parent),
      labels_(new QHBoxLayout),
      order_(new QComboBox),
      note_(new QLabel),
      guess_(new QToolButton),
      problem_(new QLabel) {
  auto* caption = new QLabel(tr("Axes"));
  caption->setBuddy(order_);
  caption->setToolTip(tr("What each axis of the array in the file is, in the order of the file"));
  order_->setObjectName(QStringLiteral("axes"));
  order_->setAccessibleName(tr("Order of the axes"));
  order_->setEditable(true);
  order_->setInsertPolicy(QComboBox::NoInsert);
  order_->setToolTip(
      tr("One letter for each axis of the file: B samples, T crops, C channels, H height, W width.\n"
         "Choose an order or type one, then press Enter: the file is opened again with it."));
  order_->setMinimumContentsLength(6);
  order_->lineEdit()->setMaxLength(12);
  note_->setObjectName(QStringLiteral("axesNote"));
  note_->setProperty("muted", true);
  guess_->setObjectName(QStringLiteral("axesGuess"));
  guess_->setText(tr("Guess"));
  guess_->setToolTip(tr("Guess the axes from their lengths again"));
  guess_->setProperty("flat", true);
  problem_->setObjectName(QStringLiteral("axesProblem"));
  problem_->setProperty("problem", true);
  problem_->setTextFormat(Qt::PlainText);
  problem_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  row->addWidget(caption);
  labels_->setSpacing(4);
  row->addLayout(labels_);
  row->addWidget(order_);
  row->addWidget(note_);
  row->addWidget(guess_);
  row->addWidget(problem_, 1);
  connect(order_, &QComboBox::activated, this, [this] { choose(order_->currentText()); });
  connect(order_->lineEdit(), &QLineEdit::textEdited, this, &AxesEditor::judge);
  connect(order_->lineEdit(), &QLineEdit::returnPressed, this, [this] { choose(order_->currentText()); });
  connect(guess_, &QToolButton::clicked, this, [this] { Q_EMIT axesChosen(QString()); });
}

void AxesEditor::setAxes(const std::vector<std::int64_t>& shape, const std::string& axes, bool guessed) {
  shape_ = shape;
  axes_ = QString::fromStdString(axes);
  const QSignalBlocker quiet(order_);
  order_->clear();
  for (const auto& usual : data::usualAxes(shape.size())) order_->addItem(QString::fromStdString(usual));
  if (order_->findText(axes_) < 0) order_->insertItem(0, axes_);
  order_->setCurrentText(axes_);
  note_->setText(guessed ? tr("guessed") : tr("as you said"));
  guess_->setVisible(!guessed);
  problem_->clear();
  fillLabels(axes);
}

void AxesEditor::fillLabels(const std::string& axes) {
  while (auto* item = labels_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (std::size_t i = 0; i < shape_.size() && i < axes.size(); ++i) {
    auto* label = new QLabel(QStringLiteral("%1 %2").arg(QLatin1Char(axes[i])).arg(count(shape_[i])));
    label->setObjectName(QStringLiteral("axis%1").arg(i));
    label->setProperty("chip", true);
    label->setToolTip(roleName(axes[i]));
    labels_->addWidget(label);
  }
}

void AxesEditor::judge(const QString& text) {
  const auto problems = data::checkAxes(text.trimmed().toUpper().toStdString(), shape_.size());
  problem_->setText(problems.empty() ? QString() : QString::fromStdString(problems[0].sentence));
  problem_->setToolTip(problems.empty() ? QString() : QString::fromStdString(problems[0].remedy));
}

void AxesEditor::choose(const QString& text) {
  judge(text);
  const QString axes = text.trimmed().toUpper();
  if (problem_->text().isEmpty() && axes != axes_) Q_EMIT axesChosen(axes);
}

}  // namespace dw::ui
