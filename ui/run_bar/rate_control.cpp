// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_bar/rate_control.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QToolButton>

#include "numbers/number_text.h"
#include "numbers/typed_number.h"
#include "run_bar/log_dial.h"
#include "session/training/command_text.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

constexpr double kLeast = 1e-7, kGreatest = 1.0;  // of the dial; the typed value may lie beyond
const QString kField = QStringLiteral("optim.lr");

QToolButton* button(const char* name, const QString& text, const QString& accessible, const QString& tip) {
  auto* made = new QToolButton;
  made->setObjectName(QLatin1String(name));
  made->setText(text);
  made->setAccessibleName(accessible);
  made->setToolTip(tip);
  made->setProperty("flat", true);
  return made;
}

}  // namespace

RateControl::RateControl(TrainingSession* session, RecipeDraft* draft, QWidget* parent)
    : QWidget(parent), session_(session), draft_(draft) {
  setObjectName(QStringLiteral("rateControl"));
  build();
  layOut();
  connectAll();
  showRate();
  showActions();
}

void RateControl::build() {
  caption_ = new QLabel(tr("learning rate"));
  caption_->setProperty("muted", true);
  dial_ = new LogDial(kLeast, kGreatest);
  dial_->setObjectName(QStringLiteral("rateDial"));
  dial_->setAccessibleName(tr("Learning rate, logarithmic"));
  value_ = new QLineEdit;
  value_->setObjectName(QStringLiteral("rateValue"));
  value_->setAccessibleName(tr("Learning rate"));
  value_->setAlignment(Qt::AlignRight);
  value_->setFixedWidth(value_->fontMetrics().horizontalAdvance(QStringLiteral("0.000e-00")) + 16);
  caption_->setBuddy(value_);
  half_ = button("rateHalf", QStringLiteral("\u00d7\u00bd"), tr("Half the learning rate"),
                 tr("Half the learning rate (Ctrl+Down)"));
  twice_ = button("rateDouble", QStringLiteral("\u00d72"), tr("Double the learning rate"),
                  tr("Double the learning rate (Ctrl+Up)"));
  undo_ = button("liveUndo", tr("Undo"), tr("Take the last change back"), {});
  redo_ = button("liveRedo", tr("Redo"), tr("Make the change again"), {});
  undo_->setIcon(theme::icon(QStringLiteral("undo")));
  redo_->setIcon(theme::icon(QStringLiteral("redo")));
  note_ = new QLabel;
  note_->setObjectName(QStringLiteral("rateNote"));
  note_->setAccessibleName(tr("What became of the last change"));
  note_->setMinimumWidth(
      note_->fontMetrics().horizontalAdvance(tr("applied at step %1").arg(QStringLiteral("00,000"))));
}

void RateControl::layOut() {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  for (QWidget* widget : std::initializer_list<QWidget*>{caption_, dial_, value_, half_, twice_, undo_, redo_, note_})
    row->addWidget(widget);
}

void RateControl::connectAll() {
  connect(dial_, &LogDial::turned, this, [this](double rate) { value_->setText(rateInFigures(rate)); });
  connect(dial_, &LogDial::chosen, this, &RateControl::ask);
  connect(value_, &QLineEdit::editingFinished, this, &RateControl::takeTyped);
  connect(half_, &QToolButton::clicked, this, [this] { multiply(0.5); });
  connect(twice_, &QToolButton::clicked, this, [this] { multiply(2.0); });
  connect(undo_, &QToolButton::clicked, session_, &TrainingSession::undo);
  connect(redo_, &QToolButton::clicked, session_, &TrainingSession::redo);
  connect(session_, &TrainingSession::commandApplied, this, &RateControl::applied);
  connect(session_, &TrainingSession::commandRefused, this, &RateControl::refused);
  connect(session_, &TrainingSession::liveChanged, this, &RateControl::showRate);
  connect(session_, &TrainingSession::actionsChanged, this, &RateControl::showActions);
  connect(session_, &TrainingSession::stateChanged, this, [this] {
    if (!isLive()) asked_.reset(), tell({}, {});
    showRate();
  });
  connect(draft_, &RecipeDraft::changed, this, &RateControl::showRate);
}

bool RateControl::isLive() const { return session_->isBusy() && session_->run().has_value(); }

double RateControl::rate() const {
  if (asked_) return *asked_;
  return isLive() ? session_->live().settings.lr : draft_->recipe().optim.lr;
}

void RateControl::multiply(double factor) { ask(rate() * factor); }

void RateControl::ask(double rate) {
  if (!isLive()) {
    if (session_->isBusy()) return showRate();  // being prepared: neither the draft's nor the run's yet
    draft_->setField(kField, QString::number(rate, 'g', 6));
    return showRate();
  }
  const auto problems = config::validateLive(config::LiveField::LearningRate, rate, session_->last().step);
  if (!problems.empty()) {
    tell(QString::fromStdString(problems.front().sentence), QString::fromStdString(problems.front().remedy), true);
    return showRate();
  }
  if (session_->change(config::LiveField::LearningRate, rate)) {
    asked_ = rate;
    tell(tr("from the next step"), tr("It takes effect when the step in hand is done."));
  }
  showRate();
}

void RateControl::takeTyped() {
  const QString text = value_->text().trimmed();
  value_->setModified(false);
  if (text == rateInFigures(rate())) return;
  if (const auto typed = typedNumber(text)) return ask(*typed);
  tell(tr("no number"), whyNoNumber(text), true);
  showRate();
}

void RateControl::applied(const messages::CommandApplied& command) {
  if (command.number == 0) return;  // no change of the settings
  asked_.reset();
  tell(tr("applied at step %1").arg(count(command.step)),
       tr("%1 It holds from the step after that on; the optimizer keeps its moments.")
           .arg(commandText(command) + QLatin1Char('.')));
  showRate();
}

void RateControl::refused(const messages::CommandRefused& command) {
  asked_.reset();
  tell(QString::fromStdString(command.sentence), QString::fromStdString(command.remedy), true);
  showRate();
}

void RateControl::showRate() {
  const double now = rate();
  dial_->setValue(now);
  if (!value_->hasFocus() || !value_->isModified()) value_->setText(rateInFigures(now));
  const bool mine = isLive() || !session_->isBusy();
  for (QWidget* widget : std::initializer_list<QWidget*>{dial_, value_, half_, twice_}) widget->setEnabled(mine);
  const QString tip =
      isLive()
          ? tr("Peak rate that the schedule scales. A change takes effect at the next step, and is a flag on the plot.")
          : tr("Learning rate of the next run.");
  dial_->setToolTip(tip);
  value_->setToolTip(tip);
}

void RateControl::showActions() {
  const bool live = isLive();
  undo_->setEnabled(live && session_->canUndo());
  redo_->setEnabled(live && session_->canRedo());
  undo_->setToolTip(undo_->isEnabled() ? tr("Take the last change of a live setting back (Ctrl+Z)")
                                       : tr("There is no change to take back."));
  redo_->setToolTip(redo_->isEnabled() ? tr("Make the change again (Ctrl+Shift+Z)") : tr("No change was taken back."));
}

void RateControl::tell(const QString& words, const QString& more, bool problem) {
  note_->setText(note_->fontMetrics().elidedText(words, Qt::ElideRight, 2 * note_->minimumWidth()));
  note_->setToolTip(QStringList{words, more}.join(QLatin1Char('\n')).trimmed());
  note_->setVisible(!compact_ || problem);
  note_->setProperty("problem", problem);
  note_->setProperty("muted", !problem);
  note_->setStyleSheet(note_->styleSheet());  // properties changed: the style is looked up anew
}

void RateControl::setCompact(bool compact) {
  compact_ = compact;
  caption_->setVisible(!compact);
  note_->setVisible(!compact || note_->property("problem").toBool());
  undo_->setToolButtonStyle(Qt::ToolButtonIconOnly);
  redo_->setToolButtonStyle(Qt::ToolButtonIconOnly);
}

}  // namespace dw::ui
