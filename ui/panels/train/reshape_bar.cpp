// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/reshape_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <algorithm>
#include <utility>

#include "forms/choice_box.h"
#include "numbers/number_text.h"
#include "numbers/typed_number.h"
#include "plots/flow_layout.h"
#include "schedule/lr_schedule.h"
#include "session/training/command_text.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

QLineEdit* numberField(const char* name, const QString& accessible, const QString& tip) {
  auto* edit = new QLineEdit;
  edit->setObjectName(QLatin1String(name));
  edit->setAccessibleName(accessible);
  edit->setToolTip(tip);
  edit->setAlignment(Qt::AlignRight);
  edit->setFixedWidth(edit->fontMetrics().horizontalAdvance(QStringLiteral("0.000e-00")) + 16);
  return edit;
}

}  // namespace

ReshapeBar::ReshapeBar(TrainingSession* session, QWidget* parent) : QFrame(parent), session_(session) {
  setObjectName(QStringLiteral("reshapeBar"));
  setProperty("surface", true);
  build();
  layOut();
  connect(kind_, &QComboBox::activated, this, [this] { edited_ = true, check(); });
  for (auto* edit : {peak_, warmup_, end_}) {
    connect(edit, &QLineEdit::textEdited, this, [this] { edited_ = true, check(); });
    connect(edit, &QLineEdit::returnPressed, this, [this] {
      if (apply_->isEnabled()) apply();
    });
  }
  connect(apply_, &QPushButton::clicked, this, &ReshapeBar::apply);
  connect(reset_, &QPushButton::clicked, this, &ReshapeBar::takeRunning);
  connect(session_, &TrainingSession::liveChanged, this, [this] {
    if (!edited_) takeRunning();
  });
  connect(session_, &TrainingSession::stateChanged, this, &ReshapeBar::check);
  connect(session_, &TrainingSession::commandApplied, this, [this](const messages::CommandApplied& command) {
    if (!std::holds_alternative<messages::Reshape>(command.command)) return;
    takeRunning();
    note_->setText(tr("applied at step %1").arg(count(command.step)));
  });
  takeRunning();
}

void ReshapeBar::build() {
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("shapeKind"));
  kind_->setAccessibleName(tr("Curve of the learning rate from now on"));
  addChoices<config::LrKind>(kind_);
  peak_ = numberField("shapePeak", tr("Peak rate"), tr("The rate after warm-up, from which the curve falls."));
  warmup_ = numberField("shapeWarmup", tr("Warm-up"),
                        tr("Steps over which the rate goes from its present value to the peak."));
  end_ = numberField("shapeEnd", tr("Last rate"), tr("The rate at the planned end."));
  apply_ = new QPushButton(tr("Apply from now on"));
  apply_->setObjectName(QStringLiteral("shapeApply"));
  apply_->setAccessibleName(apply_->text());
  reset_ = new QPushButton(tr("Discard"));
  reset_->setObjectName(QStringLiteral("shapeReset"));
  reset_->setAccessibleName(tr("Discard the edited curve"));
  note_ = new QLabel;
  note_->setObjectName(QStringLiteral("shapeNote"));
  note_->setProperty("muted", true);
}

void ReshapeBar::layOut() {
  auto* row = new FlowLayout(8, this);
  row->setContentsMargins(8, 8, 8, 8);
  row->addWidget(new QLabel(tr("learning rate from now on")));
  row->addWidget(kind_);
  const auto pair = [this, row](const QString& name, QLineEdit* edit) {
    auto* box = new QWidget(this);
    auto* inside = new QHBoxLayout(box);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(4);
    auto* label = new QLabel(name);
    label->setBuddy(edit);
    inside->addWidget(label);
    inside->addWidget(edit);
    row->addWidget(box);
  };
  pair(tr("peak"), peak_);
  pair(tr("warm-up"), warmup_);
  pair(tr("last"), end_);
  for (QWidget* widget : std::initializer_list<QWidget*>{apply_, reset_, note_}) row->addWidget(widget);
}

void ReshapeBar::takeRunning() {
  const auto& live = session_->live().settings;
  beforeDrag_.reset();
  show(live.shape.kind, rateInFigures(live.lr), QStringLiteral("0"), rateInFigures(live.shape.end), false);
}

void ReshapeBar::show(config::LrKind kind, const QString& peak, const QString& warmup, const QString& end,
                      bool edited) {
  choose(kind_, kind);
  peak_->setText(peak);
  warmup_->setText(warmup);
  end_->setText(end);
  edited_ = edited;
  check();
}

std::optional<config::LiveSettings> ReshapeBar::proposal(std::int64_t step) const {
  if (!edited_) return std::nullopt;
  const bool ends = movesEnd();
  const auto peak = typedNumber(peak_->text()), end = ends ? typedNumber(end_->text()) : std::optional(0.0);
  const auto warmup = typedWhole(warmup_->text());
  if (!peak || !warmup || !end || *warmup < 0) return std::nullopt;
  auto live = session_->live().settings;
  const double before = step > 0 ? session_->last().lr : 0.0;
  live.lr = *peak;
  // The same kind keeps what has no field here (power, cycles, ...).
  if (live.shape.kind != kind()) live.shape = config::usualShape(kind());
  live.shape.from = step;
  live.shape.warmup = *warmup;
  live.shape.start = live.shape.warmup > 0 ? before : 0.0;
  live.shape.end = *end;
  if (hasErrors(config::validateLive(config::LiveField::LearningRate, live.lr, step))) return std::nullopt;
  if (hasErrors(schedule::validateLr(schedule::lrSettings(live)))) return std::nullopt;
  return live;
}

config::LrKind ReshapeBar::kind() const { return chosen<config::LrKind>(kind_).value_or(config::LrKind::Constant); }

bool ReshapeBar::movesEnd() const { return schedule::hasLastRate(kind()); }

void ReshapeBar::drag(double peak, std::optional<std::int64_t> warmup, double end) {
  if (!beforeDrag_) {
    beforeDrag_ =
        Typed{.kind = kind(), .peak = peak_->text(), .warmup = warmup_->text(), .end = end_->text(), .edited = edited_};
    // A curve that still warms up goes on doing so when only its rates are dragged.
    const auto& shape = session_->live().settings.shape;
    const auto left = std::max<std::int64_t>(shape.from + shape.warmup - session_->last().step, 0);
    if (!edited_) warmup_->setText(QString::number(left));
  }
  if (warmup) warmup_->setText(QString::number(std::max<std::int64_t>(*warmup, 0)));
  show(kind(), rateInFigures(peak), warmup_->text(), movesEnd() ? rateInFigures(end) : end_->text(), true);
}

void ReshapeBar::drop() {
  if (!beforeDrag_) return;
  if (!apply_->isEnabled()) return cancelDrag();
  beforeDrag_.reset();
  apply();
}

void ReshapeBar::cancelDrag() {
  if (!beforeDrag_) return;
  const auto before = *std::exchange(beforeDrag_, std::nullopt);
  if (!before.edited) return takeRunning();
  show(before.kind, before.peak, before.warmup, before.end, true);
}

QString ReshapeBar::whatIsWrong() const {
  for (const auto* edit : {peak_, warmup_, end_}) {
    const QString why = edit == end_ && !movesEnd() ? QString() : whyNoNumber(edit->text());
    if (!why.isEmpty()) return why;
  }
  return tr("A rate above 0 and a whole number of steps, please.");
}

void ReshapeBar::check() {
  const bool live = session_->isBusy() && session_->run().has_value();
  const bool good = proposal(session_->last().step).has_value();
  for (QWidget* widget : std::initializer_list<QWidget*>{kind_, peak_, warmup_, end_}) widget->setEnabled(live);
  end_->parentWidget()->setVisible(movesEnd());
  apply_->setEnabled(live && good);
  reset_->setEnabled(edited_);
  note_->setText(!live              ? tr("While a run trains, its rate can be planned anew here.")
                 : edited_ && !good ? whatIsWrong()
                 : edited_          ? tr("dotted in the plot: not applied yet")
                                    : QString());
  apply_->setToolTip(apply_->isEnabled() ? tr("The curve begins at the next step; a flag marks it, Undo takes it back.")
                                         : note_->text());
  Q_EMIT edited();
}

void ReshapeBar::apply() {
  const auto wanted = proposal(session_->last().step);
  if (wanted && session_->reshape(wanted->lr, wanted->shape)) note_->setText(tr("from the next step"));
}

void ReshapeBar::showEvent(QShowEvent* event) {
  QFrame::showEvent(event);
  if (!edited_) takeRunning();
}

}  // namespace dw::ui
