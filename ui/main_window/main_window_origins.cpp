// SPDX-License-Identifier: GPL-3.0-or-later
// Where a run of MainWindow may begin from: itself, a checkpoint of another one, a weight file; and what is offered when
// that fails.
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QUrl>

#include "checkpoint/weight_settings.h"
#include "main_window/main_window.h"
#include "run/run_folder.h"
#include "run_bar/run_bar.h"
#include "session/background_job.h"
#include "session/dataset_session.h"
#include "session/recipe_draft.h"
#include "session/training_session.h"

namespace dw::ui {

void MainWindow::resumeRun(const QString& folder, qint64 totalSteps) {
  goOnWith(folder, [folder, totalSteps](const run::RunDescription&) {
    run::RunRequest request;
    request.resumeFrom = folder.toStdString();
    request.extraTotalSteps = totalSteps;
    return request;
  });
}

void MainWindow::branchFrom(const QString& checkpoint) {
  const auto folder = QString::fromStdString(run::runFolderOf(checkpoint.toStdString()).string());
  goOnWith(folder, [checkpoint](const run::RunDescription& parent) {
    run::RunRequest request;
    request.branchFrom = checkpoint.toStdString();
    request.recipe = parent.recipe;
    return request;
  });
}

void MainWindow::goOnWith(const QString& folder,
                          const std::function<run::RunRequest(const run::RunDescription&)>& makeRequest) {
  runInBackground(
      this, [folder] { return run::readDescription(folder.toStdString()); },
      [this, makeRequest](const run::RunDescription& description) {
        auto request = makeRequest(description);
        if (!session_->start(request)) {
          return cards_->show({QStringLiteral("run"),
                               Severity::Warning,
                               tr("A run is under way already."),
                               tr("Stop it first, then go on with the other one."),
                               {},
                               {}});
        }
        goingOn_ = std::move(request);
        cards_->dismiss(QStringLiteral("run"));
        showPage(Train);
        const QString trainedOn = QString::fromStdString(description.data);
        const DatasetChoice choice{QString::fromStdString(description.recipe.data.dataset),
                                   QString::fromStdString(description.recipe.data.axes)};
        if (dataset_->path() != trainedOn || !(dataset_->choice() == choice)) dataset_->open(trainedOn, choice);
      },
      [this](const JobFailure& failure) {
        cards_->show({QStringLiteral("run"), Severity::Error, failure.sentence, failure.remedy, {}, {}});
      });
}

void MainWindow::chooseMovedData() {
  const auto last = QFileInfo(QString::fromStdString(goingOn_->data));
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Where does the dataset of this run lie now?"), last.absolutePath());
  if (!path.isEmpty()) goOnWithData(path);
}

void MainWindow::goOnWithData(const QString& path) {
  if (!goingOn_) return;
  auto request = *goingOn_;
  request.data = path.toStdString();
  if (!session_->start(request)) return;
  cards_->dismiss(QStringLiteral("run"));
  dataset_->open(path);
}

void MainWindow::chooseWeights() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Begin with the weights of a file"), QDir::homePath(),
                                                    tr("Weights (*.safetensors *.pt *.pth *.bin);;All files (*)"));
  if (!path.isEmpty()) beginWithWeights(path);
}

void MainWindow::beginWithWeights(const QString& path) {
  runInBackground(
      this,
      [path, asked = draft_->recipe().model] {
        return checkpoint::inferSettings(checkpoint::WeightFile(path.toStdString()), asked);
      },
      [this, path](const checkpoint::InferredSettings& inferred) {
        QStringList untold;
        for (const auto& key : inferred.untold) untold.append(QString::fromStdString(key));
        draft_->beginWith(path, inferred.model);
        cards_->show({QStringLiteral("weights"),
                      untold.isEmpty() ? Severity::Note : Severity::Warning,
                      tr("The next run begins with the weights in %1; the recipe has their model now.")
                          .arg(QFileInfo(path).fileName()),
                      untold.isEmpty() ? QString()
                                       : tr("The file does not tell %1: see whether the recipe has the right value.")
                                             .arg(untold.join(QStringLiteral(", "))),
                      {},
                      {}});
        showPage(Train);
      },
      [this](const JobFailure& failure) {
        cards_->show({QStringLiteral("weights"), Severity::Error, failure.sentence, failure.remedy, {}, {}});
      });
}

void MainWindow::showFailure(const run::Failed& failure) {
  Card card{QStringLiteral("run"),
            Severity::Error,
            QString::fromStdString(failure.sentence),
            QString::fromStdString(failure.remedy),
            {},
            {}};
  if (failure.inData && goingOn_) {
    card.actionText = tr("Choose where it lies now…");
    card.action = [this] { chooseMovedData(); };
  } else if (failure.extrasOnly && !draft_->weights().isEmpty()) {
    card.actionText = tr("Train without the unknown ones");
    card.action = [this] {
      draft_->setIgnoresExtras(true);
      runBar_->pressPrimary();
    };
  } else if (session_->run()) {
    card.actionText = tr("Show the run folder");
    card.action = [folder = QString::fromStdString(session_->run()->folder.string())] {
      QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
    };
  }
  cards_->show(card);
}

}  // namespace dw::ui
