// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/trial_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

enum Origin { FromRun, FromNew };

}  // namespace

TrialDialog::TrialDialog(const QString& name, const Texts& texts, TrialSession* trials, TrainingSession* session,
                         RecipeDraft* draft, DatasetSession* dataset, QWidget* parent)
    : QDialog(parent),
      name_(name),
      startText_(texts.start),
      startName_(texts.startName),
      trials_(trials),
      session_(session),
      draft_(draft),
      dataset_(dataset) {
  setObjectName(name + QStringLiteral("Dialog"));
  setWindowTitle(texts.title);
  layOut(texts);
  offerOrigins();
  from_->setCurrentIndex(session_->run() ? FromRun : FromNew);
  connectAll();
  resize(840, 600);
}

void TrialDialog::layOut(const Texts& texts) {
  const auto named = [this](QWidget* widget, const char* what, const QString& accessible) {
    widget->setObjectName(name_ + QLatin1String(what));
    if (!accessible.isEmpty()) widget->setAccessibleName(accessible);
  };
  auto* why = new QLabel(texts.explained);
  why->setWordWrap(true);
  from_ = new QComboBox;
  from_->addItems({tr("from where the run stands"), tr("from new weights, by the recipe of the next run")});
  named(from_, "From", tr("Where it begins"));
  start_ = new QPushButton;
  named(start_, "Start", {});
  progress_ = new QProgressBar;
  named(progress_, "Progress", tr("How far it is"));
  progress_->setRange(0, 1000);
  words_ = new QLabel;
  named(words_, "Words", tr("State and result"));
  words_->setWordWrap(true);
  adopt_ = new QPushButton(tr("Use this rate"));
  named(adopt_, "Adopt", tr("Use the chosen rate"));

  inputs_ = new QHBoxLayout;
  auto* row = new QHBoxLayout;
  row->addLayout(inputs_, 1);
  row->addWidget(from_);
  row->addWidget(start_);
  body_ = new QVBoxLayout;
  auto* below = new QHBoxLayout;
  below->addWidget(words_, 1);
  below->addWidget(adopt_);
  auto* column = new QVBoxLayout(this);
  column->addWidget(why);
  column->addLayout(row);
  column->addWidget(progress_);
  column->addLayout(body_, 1);
  column->addLayout(below);
}

void TrialDialog::connectAll() {
  connect(start_, &QPushButton::clicked, this, &TrialDialog::pressed);
  connect(adopt_, &QPushButton::clicked, this, &TrialDialog::adopt);
  connect(from_, &QComboBox::currentIndexChanged, this, &TrialDialog::inputsChanged);
  connect(session_, &TrainingSession::actionsChanged, this, [this] {
    // "Save now" is answered by an event of its own, or by the end of the run.
    if (saving_ && !session_->isSaving()) {
      saving_ = false;
      if (session_->state() == messages::State::Paused) start();
    }
    showState();
  });
  connect(session_, &TrainingSession::runOpened, this, [this] {
    offerOrigins();
    from_->setCurrentIndex(FromRun);
    showState();
  });
  connect(session_, &TrainingSession::stateChanged, this, [this] {
    offerOrigins();
    showState();
  });
  connect(draft_, &RecipeDraft::problemsChanged, this, &TrialDialog::showState);
  connect(trials_, &TrialSession::busyChanged, this, &TrialDialog::showState);
  connect(trials_, &TrialSession::failed, this, &TrialDialog::showFailure);
  connect(trials_, &TrialSession::cancelled, this, [this] {
    if (mine_) ended(tr("Given up; the run stands as it did."));
  });
  connect(trials_, &TrialSession::progress, this, [this](const QString& activity, double fraction) {
    if (!mine_) return;
    progress_->setValue(static_cast<int>(1000.0 * fraction));
    words_->setText(activity);
  });
}

void TrialDialog::offerOrigins() {
  const bool there = session_->run().has_value();
  if (auto* model = qobject_cast<QStandardItemModel*>(from_->model())) model->item(FromRun)->setEnabled(there);
  if (!there) from_->setCurrentIndex(FromNew);
}

bool TrialDialog::fromRun() const { return from_->currentIndex() == FromRun && session_->run(); }

double TrialDialog::presentRate() const { return fromRun() ? session_->live().settings.lr : draft_->recipe().optim.lr; }

TrialOrigin TrialDialog::origin() const {
  if (fromRun()) return session_->run()->folder;
  return trials::TrialRequest{.recipe = draft_->recipe(), .data = dataset_->path().toStdString()};
}

QString TrialDialog::whyNot() const {
  if (trials_->isBusy()) return tr("Another try is under way.");
  if (session_->isBusy() && session_->state() != messages::State::Paused)
    return tr("Pause the run first: both together would be slow.");
  if (!fromRun() && !draft_->isReady()) return draft_->whyNotReady();
  return whatIsWrong();
}

void TrialDialog::showState() {
  const QString why = whyNot();
  const bool idle = !mine_ && !saving_;
  start_->setText(idle ? startText_ : tr("Cancel"));
  start_->setAccessibleName(idle ? startName_ : tr("Give up"));
  start_->setEnabled(mine_ || (why.isEmpty() && !saving_));
  start_->setToolTip(mine_ ? QString() : why);
  from_->setEnabled(idle);
  enableInputs(idle);
  progress_->setVisible(mine_);
  if (idle && !told_) words_->setText(why);
  const bool taken = !session_->isBusy() || session_->canChange();
  adopt_->setEnabled(idle && taken && chosenRate().has_value());
}

void TrialDialog::inputsChanged() {
  told_ = false;
  showState();
}

void TrialDialog::pressed() {
  if (mine_) {
    trials_->cancel();
    start_->setEnabled(false);  // until the step in hand is done
    return;
  }
  if (!whyNot().isEmpty()) return;
  if (fromRun() && session_->state() == messages::State::Paused && session_->canSave()) {
    saving_ = true;
    words_->setText(tr("Saving where the run stands"));
    session_->saveNow();
    showState();
    return;
  }
  start();
}

void TrialDialog::start() {
  if (!whyNot().isEmpty()) return;
  progress_->setValue(0);
  mine_ = true;  // before: the session tells that it is busy
  mine_ = begin(origin());
  told_ = mine_;
  showState();
}

void TrialDialog::ended(const QString& words) {
  mine_ = false;
  told_ = true;
  words_->setText(words);
  showState();
}

void TrialDialog::showFailure(const JobFailure& failure) {
  if (mine_)
    ended(failure.remedy.isEmpty() ? failure.sentence : QStringLiteral("%1. %2").arg(failure.sentence, failure.remedy));
}

void TrialDialog::adopt() {
  const auto rate = chosenRate();
  if (!rate) return;
  const QString words = QLocale().toString(*rate, 'g', 3);
  if (session_->isBusy() && fromRun()) {
    if (session_->setLearningRate(*rate)) ended(tr("The run goes on with %1 when you resume it.").arg(words));
    return;
  }
  draft_->setField(QStringLiteral("optim.lr"), QString::number(*rate, 'g', 6));
  ended(tr("The recipe of the next run has %1 now.").arg(words));
}

}  // namespace dw::ui
