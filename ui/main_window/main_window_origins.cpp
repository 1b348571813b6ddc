// SPDX-License-Identifier: GPL-3.0-or-later
// Where a run of MainWindow may begin from: itself, a checkpoint of another one, a weight file; and what is offered when
// that fails.
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QUrl>

#include "weights/weight_settings.h"
#include "main_window/main_window.h"
#include "run_folder/run_folder.h"
#include "run_bar/run_bar.h"
#include "session/background_job.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"

namespace dw::ui {

void MainWindow::resumeRun(const QString& folder, qint64 totalSteps) {
  goOnWith(folder, [folder, totalSteps](const run_folder::RunDescription&) {
    return trainer::ResumeRun{.run = folder.toStdString(), .totalSteps = totalSteps};
  });
}

void MainWindow::branchFrom(const QString& checkpoint) {
  const auto folder = QString::fromStdString(run_folder::runFolderOf(checkpoint.toStdString()).string());
  goOnWith(folder, [checkpoint](const run_folder::RunDescription& parent) {
    return trainer::Branch{.recipe = parent.recipe, .data = {}, .checkpoint = checkpoint.toStdString()};
  });
}

void MainWindow::goOnWith(const QString& folder,
                          const std::function<trainer::RunRequest(const run_folder::RunDescription&)>& makeRequest) {
  runInBackground(
      this, [folder] { return run_folder::readDescription(folder.toStdString()); },
      [this, makeRequest](const run_folder::RunDescription& description) {
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
  const auto last = QFileInfo(QString::fromStdString(trainer::dataOf(*goingOn_)));
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Where does the dataset of this run lie now?"), last.absolutePath());
  if (!path.isEmpty()) goOnWithData(path);
}

void MainWindow::goOnWithData(const QString& path) {
  if (!goingOn_) return;
  auto request = *goingOn_;
  trainer::setData(request, path.toStdString());
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
      this, [path] { return weights::inferSettings(weights::WeightFile(path.toStdString())); },
      [this, path](const weights::InferredSettings& inferred) {
        auto recipe = draft_->recipe();
        const auto asked = recipe.model;
        recipe.model = inferred.model;
        QStringList untold;
        for (const auto& key : inferred.untold) {
          untold.append(QString::fromStdString(key));
          if (key == "model.ctx_size") recipe.model.ctxSize = asked.ctxSize;
          if (key == "model.tread.dropout_ratio" && asked.tread)
            recipe.model.tread->dropoutRatio = asked.tread->dropoutRatio;
        }
        draft_->beginWith(path, recipe.model);
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

void MainWindow::showFailure(const messages::Failed& failure) {
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
