// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/checkpoint_choice.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>

#include "numbers/number_text.h"
#include "session/runs/runs_session.h"
#include "session/training/training_session.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

QString pathOf(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }
QString runOf(const QString& checkpoint) { return QDir::cleanPath(checkpoint + QStringLiteral("/../..")); }

}  // namespace

CheckpointChoice::CheckpointChoice(RunsSession* runs, TrainingSession* training, const Look& look, QWidget* parent)
    : QWidget(parent), runs_(runs), training_(training) {
  setObjectName(look.name + QStringLiteral("Choice"));
  build(look);
  connectAll(look.follows);
  if (look.follows && training_->run()) wanted_ = pathOf(training_->run()->folder);
  showRuns();
}

CheckpointChoice::~CheckpointChoice() = default;

void CheckpointChoice::build(const Look& look) {
  const auto box = [&look](const char* name, const QString& accessible) {
    auto* made = new QComboBox;
    made->setObjectName(look.name + QLatin1String(name));
    made->setAccessibleName(accessible);
    made->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    made->setMinimumContentsLength(12);
    return made;
  };
  run_ = box("Run", tr("Run"));
  checkpoint_ = box("Checkpoint", tr("Checkpoint of the run"));
  browse_ = new QToolButton;
  browse_->setObjectName(look.name + QStringLiteral("Folder"));
  browse_->setIcon(theme::icon(QStringLiteral("folder")));
  browse_->setAccessibleName(tr("Choose the folder of a checkpoint"));
  browse_->setToolTip(tr("Choose the folder of a checkpoint that lies elsewhere"));
  label_ = new QLabel(look.label);
  label_->setProperty("muted", true);
  label_->setBuddy(run_);
  auto* second = new QLabel(tr("checkpoint"));
  second->setProperty("muted", true);
  second->setBuddy(checkpoint_);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(label_);
  row->addWidget(run_, 2);
  row->addWidget(second);
  row->addWidget(checkpoint_, 1);
  row->addWidget(browse_);
}

void CheckpointChoice::connectAll(bool follows) {
  connect(runs_, &RunsSession::listed, this, &CheckpointChoice::showRuns);
  connect(browse_, &QToolButton::clicked, this, &CheckpointChoice::askForFolder);
  connect(run_, &QComboBox::activated, this, [this] {
    newest_ = true;
    own_.clear();
    watchRun();
  });
  connect(checkpoint_, &QComboBox::activated, this, [this](int index) {
    if (folder() != own_) own_.clear();
    newest_ = index == 0 && own_.isEmpty();
    Q_EMIT changed();
  });
  if (!follows) return;
  connect(training_, &TrainingSession::runOpened, this, [this](const messages::RunOpened& opened) {
    wanted_ = pathOf(opened.folder);
    own_.clear();
    newest_ = true;
    runs_->refresh();
  });
}

QString CheckpointChoice::folder() const { return checkpoint_->currentData().toString(); }
QString CheckpointChoice::run() const { return run_->currentData().toString(); }
void CheckpointChoice::setLabel(const QString& label) { label_->setText(label); }

void CheckpointChoice::setWatching(bool watching) {
  watching_ = watching;
  keepWatch();
  if (watching) runs_->refresh();
}

void CheckpointChoice::keepWatch() {
  if (!watching_ || watched_.isEmpty()) return watch_.reset();
  if (watch_) return;
  watch_ = std::make_unique<RunWatch>(watched_, this);
  connect(watch_.get(), &RunWatch::checkpointsChanged, this, [this] {
    rows_ = watch_->checkpoints();
    showCheckpoints();
  });
}

void CheckpointChoice::choose(const QString& checkpoint) {
  own_ = QDir::cleanPath(checkpoint);
  wanted_ = runOf(own_);
  newest_ = false;
  showRuns();
  showCheckpoints();
}

void CheckpointChoice::askForFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Choose a checkpoint: a folder step-…"),
                                                           run().isEmpty() ? runs_->folder() : run());
  if (!folder.isEmpty()) choose(folder);
}

void CheckpointChoice::showRuns() {
  const QString before = wanted_.isEmpty() ? run() : wanted_;
  {
    const QSignalBlocker quiet(run_);
    run_->clear();
    for (const auto& summary : runs_->all()) {
      if (summary.missing.empty()) run_->addItem(QString::fromStdString(summary.name), pathOf(summary.folder));
    }
    if (!before.isEmpty() && run_->findData(before) < 0 && QDir(before).exists())
      run_->insertItem(0, QDir(before).dirName(), before);
    run_->setCurrentIndex(std::max(0, run_->findData(before)));
  }
  run_->setEnabled(run_->count() > 0);
  if (run().isEmpty() || watched_ != run()) watchRun();
}

void CheckpointChoice::watchRun() {
  wanted_.clear();
  watched_ = run();
  watch_.reset();
  rows_.clear();
  keepWatch();
  showCheckpoints();
  Q_EMIT runChanged();
}

void CheckpointChoice::showCheckpoints() {
  const QString shown = folder();
  const QString before = own_.isEmpty() ? shown : own_;
  {
    const QSignalBlocker quiet(checkpoint_);
    checkpoint_->clear();
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      if (!row->info.damage.empty()) continue;
      checkpoint_->addItem(tr("step %1%2").arg(count(row->info.step), row->info.best ? tr(", best") : QString()),
                           pathOf(row->info.folder));
    }
    if (!own_.isEmpty() && checkpoint_->findData(own_) < 0) checkpoint_->insertItem(0, QDir(own_).dirName(), own_);
    const int index = newest_ ? 0 : std::max(0, checkpoint_->findData(before));
    checkpoint_->setCurrentIndex(checkpoint_->count() > 0 ? index : -1);
  }
  checkpoint_->setEnabled(checkpoint_->count() > 0);
  if (folder() != shown) Q_EMIT changed();
}

}  // namespace dw::ui
