// SPDX-License-Identifier: GPL-3.0-or-later
#include "workbench/workbench.h"

#include <QDir>
#include <QFileInfo>

#include "run_folder/run_folder.h"
#include "session/dataset/dataset_session.h"
#include "session/noise/live_predictor.h"
#include "session/noise/noise_lab.h"
#include "session/recent_list.h"
#include "session/runs/run_transfer.h"
#include "session/runs/runs_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"
#include "workbench/recipe_memory.h"

namespace dw::ui {

Workbench::Workbench(Backends backends, QObject* parent)
    : QObject(parent),
      training_(std::make_unique<TrainingSession>(std::move(backends.task))),
      draft_(std::make_unique<RecipeDraft>()),
      dataset_(std::make_unique<DatasetSession>(nullptr, std::move(backends.data))),
      trials_(std::make_unique<TrialSession>(training_->taskFactory())),
      runs_(std::make_unique<RunsSession>(run_folder::defaultRunsFolder())),
      transfer_(std::make_unique<RunTransfer>()),
      sampling_(std::make_unique<SamplingSession>(backends.inference)),
      noise_(std::make_unique<NoiseLab>(dataset_.get())),
      predictor_(std::make_unique<LivePredictor>(noise_.get(), training_.get(), backends.inference.open)) {
  connectSessions();
}

Workbench::~Workbench() = default;

void Workbench::connectSessions() {
  // The draft is checked against the dataset that the next run would train on, and has the same array and axes: what is
  // trained on is what is seen.
  const auto fit = [this] {
    const auto source = dataset_->source();
    draft_->setDatasetShape(source ? std::optional(source->info().shape()) : std::nullopt);
    if (!source) return;
    draft_->setField(QStringLiteral("data.dataset"), dataset_->choice().dataset);
    draft_->setField(QStringLiteral("data.axes"), dataset_->choice().axes);
  };
  connect(dataset_.get(), &DatasetSession::opened, this, fit);
  connect(dataset_.get(), &DatasetSession::closed, this, fit);
  connect(training_.get(), &TrainingSession::runOpened, this, [](const messages::RunOpened& run) {
    RecentList(QStringLiteral("recent/runs")).add(QString::fromStdString(run.folder.string()));
  });
}

void Workbench::open(const QString& path) {
  if (QFileInfo::exists(QDir(path).filePath(QStringLiteral("recipe.json")))) return resumeRun(path);
  dataset_->open(path);
  Q_EMIT dataRequested();
}

void Workbench::proposeField(const QString& key, const QString& text) {
  draft_->setField(key, text);
  Q_EMIT recipeProposed();
}

void Workbench::sampleFrom(const QString& checkpoint) { Q_EMIT samplesRequested(checkpoint); }

void Workbench::rememberRecipe() const { ui::rememberRecipe(*draft_); }

void Workbench::recallRecipe() { ui::recallRecipe(draft_.get()); }

}  // namespace dw::ui
