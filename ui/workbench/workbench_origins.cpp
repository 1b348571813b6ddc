// SPDX-License-Identifier: GPL-3.0-or-later
// Where a run of the Workbench may begin from: the recipe, itself, a checkpoint of another one, a weight file.
#include <QFileInfo>

#include "run_folder/run_folder.h"
#include "session/background_job.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "weights/weight_settings.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

const QString kRun = QStringLiteral("run");
const QString kWeights = QStringLiteral("weights");

}  // namespace

bool Workbench::train() {
  if (!training_->canTrain() || !draft_->isReady()) return false;
  const auto data = dataset_->path().toStdString();
  const auto weights = draft_->weights().toStdString();
  trainer::RunRequest request = trainer::FreshRun{.recipe = draft_->recipe(), .data = data};
  if (!weights.empty())
    request = trainer::FromWeights{
        .recipe = draft_->recipe(), .data = data, .weights = weights, .ignoreExtras = draft_->ignoresExtras()};
  if (!training_->start(std::move(request))) return false;
  goingOn_.reset();
  Q_EMIT settled(kRun);
  Q_EMIT runBegun();
  return true;
}

void Workbench::trainWhenOpen() {
  if (dataset_->isOpen()) {
    train();
  } else {
    connect(dataset_.get(), &DatasetSession::opened, this, &Workbench::train, Qt::SingleShotConnection);
  }
}

void Workbench::resumeRun(const QString& folder, qint64 totalSteps) {
  goOnWith(folder, [folder, totalSteps](const run_folder::RunDescription&) {
    return trainer::ResumeRun{.run = folder.toStdString(), .totalSteps = totalSteps};
  });
}

void Workbench::branchFrom(const QString& checkpoint) {
  const auto folder = QString::fromStdString(run_folder::runFolderOf(checkpoint.toStdString()).string());
  goOnWith(folder, [checkpoint](const run_folder::RunDescription& parent) {
    return trainer::Branch{.recipe = parent.recipe, .data = {}, .checkpoint = checkpoint.toStdString()};
  });
}

void Workbench::goOnWith(const QString& folder,
                         const std::function<trainer::RunRequest(const run_folder::RunDescription&)>& makeRequest) {
  runInBackground(
      this, [folder] { return run_folder::readDescription(folder.toStdString()); },
      [this, makeRequest](const run_folder::RunDescription& description) {
        goOn(makeRequest(description), description);
      },
      [this](const JobFailure& failure) {
        Q_EMIT noticed({kRun, Severity::Error, failure.sentence, failure.remedy});
      });
}

void Workbench::goOn(trainer::RunRequest request, const run_folder::RunDescription& description) {
  if (!training_->start(request)) {
    Q_EMIT noticed({kRun, Severity::Warning, tr("A run is under way already."),
                    tr("Stop it first, then go on with the other one.")});
    return;
  }
  goingOn_ = std::move(request);
  Q_EMIT settled(kRun);
  Q_EMIT runBegun();
  const QString trainedOn = QString::fromStdString(description.data);
  const DatasetChoice choice{QString::fromStdString(description.recipe.data.dataset),
                             QString::fromStdString(description.recipe.data.axes)};
  if (dataset_->path() != trainedOn || !(dataset_->choice() == choice)) dataset_->open(trainedOn, choice);
}

void Workbench::goOnWithData(const QString& path) {
  if (!goingOn_) return;
  auto request = *goingOn_;
  trainer::setData(request, path.toStdString());
  if (!training_->start(request)) return;
  Q_EMIT settled(kRun);
  dataset_->open(path);
}

void Workbench::beginWithWeights(const QString& path) {
  runInBackground(
      this,
      [path, asked = draft_->recipe().model] {
        return weights::inferSettings(weights::WeightFile(path.toStdString()), asked);
      },
      [this, path](const weights::InferredSettings& inferred) {
        draft_->beginWith(path, inferred.model);
        QStringList untold;
        for (const auto& key : inferred.untold) untold.append(QString::fromStdString(key));
        const QString begins = tr("The next run begins with the weights in %1; the recipe has their model now.")
                                   .arg(QFileInfo(path).fileName());
        const QString doubt = tr("The file does not tell %1: see whether the recipe has the right value.")
                                  .arg(untold.join(QStringLiteral(", ")));
        const bool whole = untold.isEmpty();
        Q_EMIT noticed({kWeights, whole ? Severity::Note : Severity::Warning, begins, whole ? QString() : doubt});
        Q_EMIT recipeProposed();
      },
      [this](const JobFailure& failure) {
        Q_EMIT noticed({kWeights, Severity::Error, failure.sentence, failure.remedy});
      });
}

}  // namespace dw::ui
