// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/checkpoint_choice.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>

#include "pictures/pixels.h"
#include "session/run_watch.h"
#include "session/runs_session.h"
#include "session/training_session.h"

namespace dw::ui {
namespace {

QString pathOf(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

}  // namespace

CheckpointChoice::CheckpointChoice(RunsSession* runs, TrainingSession* training, QWidget* parent)
    : QWidget(parent), runs_(runs), training_(training), run_(new QComboBox), checkpoint_(new QComboBox) {
  setObjectName(QStringLiteral("checkpointChoice"));
  run_->setObjectName(QStringLiteral("sampleRun"));
  run_->setAccessibleName(tr("Run"));
  checkpoint_->setObjectName(QStringLiteral("sampleCheckpoint"));
  checkpoint_->setAccessibleName(tr("Checkpoint of the run"));
  for (auto* box : {run_, checkpoint_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
  }
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  const auto add = [row](const QString& text, QComboBox* box, int stretch) {
    auto* label = new QLabel(text);
    label->setBuddy(box);
    label->setProperty("muted", true);
    row->addWidget(label);
    row->addWidget(box, stretch);
  };
  add(tr("run"), run_, 2);
  add(tr("checkpoint"), checkpoint_, 1);
  connect(runs_, &RunsSession::listed, this, &CheckpointChoice::showRuns);
  connect(run_, &QComboBox::activated, this, [this] {
    newest_ = true;
    watchRun();
  });
  connect(checkpoint_, &QComboBox::activated, this, [this](int index) {
    newest_ = index == 0;
    Q_EMIT changed();
  });
  connect(training_, &TrainingSession::runOpened, this, [this](const run::RunOpened& opened) {
    wanted_ = pathOf(opened.folder);
    newest_ = true;
    runs_->refresh();
  });
  connect(training_, &TrainingSession::checkpointSaved, this, [this] { runs_->refresh(); });
  if (training_->run()) wanted_ = pathOf(training_->run()->folder);
  showRuns();
}

CheckpointChoice::~CheckpointChoice() = default;

QString CheckpointChoice::folder() const { return checkpoint_->currentData().toString(); }
QString CheckpointChoice::run() const { return run_->currentData().toString(); }

void CheckpointChoice::setWatching(bool watching) {
  watching_ = watching;
  if (watch_) watch_->setVisible(watching);
  if (watching) runs_->refresh();
}

void CheckpointChoice::choose(const QString& checkpoint) {
  wanted_ = QDir::cleanPath(checkpoint + QStringLiteral("/../.."));
  newest_ = false;
  showRuns();
  const int index = checkpoint_->findData(checkpoint);
  if (index >= 0) checkpoint_->setCurrentIndex(index);
  else checkpoint_->insertItem(0, QDir(checkpoint).dirName(), checkpoint), checkpoint_->setCurrentIndex(0);
  Q_EMIT changed();
}

void CheckpointChoice::showRuns() {
  const QString before = wanted_.isEmpty() ? run() : wanted_;
  {
    const QSignalBlocker quiet(run_);
    run_->clear();
    for (const auto& summary : runs_->all()) {
      if (!summary.missing.empty()) continue;
      run_->addItem(QString::fromStdString(summary.name), pathOf(summary.folder));
    }
    if (!wanted_.isEmpty() && run_->findData(wanted_) < 0) run_->insertItem(0, QDir(wanted_).dirName(), wanted_);
    run_->setCurrentIndex(std::max(0, run_->findData(before)));
  }
  run_->setEnabled(run_->count() > 0);
  if (!watch_ || watch_->folder() != run()) watchRun();
}

void CheckpointChoice::watchRun() {
  wanted_.clear();
  watch_.reset();
  if (!run().isEmpty()) {
    watch_ = std::make_unique<RunWatch>(run());
    watch_->setVisible(watching_);
    connect(watch_.get(), &RunWatch::checkpointsChanged, this, &CheckpointChoice::showCheckpoints);
  }
  showCheckpoints();
  Q_EMIT runChanged();
}

void CheckpointChoice::showCheckpoints() {
  const QString before = folder();
  {
    const QSignalBlocker quiet(checkpoint_);
    checkpoint_->clear();
    if (watch_) {
      const auto& rows = watch_->checkpoints();
      for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (!row->info.damage.empty()) continue;
        checkpoint_->addItem(tr("step %1%2").arg(count(row->info.step), row->info.best ? tr(", best") : QString()), pathOf(row->info.folder));
      }
    }
    const int index = newest_ ? 0 : std::max(0, checkpoint_->findData(before));
    checkpoint_->setCurrentIndex(checkpoint_->count() > 0 ? index : -1);
  }
  checkpoint_->setEnabled(checkpoint_->count() > 0);
  if (folder() != before) Q_EMIT changed();
}

}  // namespace dw::ui
