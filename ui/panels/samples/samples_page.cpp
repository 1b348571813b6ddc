// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/samples_page.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "cards/card_stack.h"
#include "panels/samples/checkpoint_choice.h"
#include "panels/samples/comparison_view.h"
#include "panels/samples/pictures_view.h"
#include "panels/samples/process_player.h"
#include "panels/samples/sample_form.h"
#include "panels/samples/training_strip.h"
#include "session/background_job.h"
#include "session/dataset/dataset_session.h"
#include "session/runs/runs_session.h"
#include "session/training/training_session.h"
#include "theme/widgets.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

Problems atCheckpoint(const QString& sentence, const QString& remedy) {
  return {{.field = "checkpoint",
           .severity = Severity::Error,
           .sentence = sentence.toStdString(),
           .remedy = remedy.toStdString(),
           .fix = {}}};
}

}  // namespace

SamplesPage::SamplesPage(SamplingSession* sampling, RunsSession* runs, TrainingSession* training,
                         DatasetSession* dataset, QWidget* parent)
    : QWidget(parent), training_(training), dataset_(dataset), sampling_(sampling) {
  setObjectName(QStringLiteral("samplesPage"));
  form_ = new SampleForm(runs, training, sampling_->backend());
  build();
  connectAll();
  connectSampling();
  strip_->setRun(form_->checkpoints()->run());
  describe();
  showSamples();
}

SamplesPage::~SamplesPage() = default;

void SamplesPage::build() {
  pictures_ = new PicturesView(sampling_->backend().openDecoder);
  player_ = new ProcessPlayer;
  comparison_ = new ComparisonView;
  strip_ = new TrainingStrip;
  strip_->setHint(tr(
      "This run has drawn no samples while it trained. Set “samples every” in the recipe of the next run, or “sample period” while it "
      "trains, to have some drawn every so many steps, always from the same noise."));
  empty_ = new QLabel(tr("This build of the program cannot draw samples: it was made without LibTorch."));
  empty_->setObjectName(QStringLiteral("samplesEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  stack_ = new QStackedWidget;
  stack_->addWidget(empty_);
  stack_->addWidget(pictures_);
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("samplesTabs"));
  tabs_->setAccessibleName(tr("Views of the samples"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(stack_, tr("Pictures"));
  tabs_->addTab(player_, tr("From noise to picture"));
  tabs_->addTab(comparison_, tr("A | B"));
  tabs_->addTab(strip_, tr("While training"));
  auto* inner = new QWidget;
  auto* column = new QVBoxLayout(inner);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addWidget(form_);
  column->addWidget(tabs_, 1);
  auto* scroll = theme::scrolled(inner, "samplesScroll", tr("Samples"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
}

void SamplesPage::connectAll() {
  connect(form_, &SampleForm::sampleRequested, this, &SamplesPage::sample);
  connect(form_, &SampleForm::cancelRequested, this, [this] {
    jobs_.clear();
    sampling_->cancel();
  });
  connect(form_, &SampleForm::checkpointChanged, this, &SamplesPage::describe);
  connect(form_->checkpoints(), &CheckpointChoice::runChanged, this,
          [this] { strip_->setRun(form_->checkpoints()->run()); });
  connect(pictures_, &PicturesView::keepRequested, this, [this] {
    kept_ = newest_;
    showSamples();
  });
  connect(pictures_, &PicturesView::dropRequested, this, [this] {
    kept_.reset();
    showSamples();
  });
  connect(pictures_, &PicturesView::chosen, this, &SamplesPage::showChosen);
  connect(pictures_, &PicturesView::troubleRaised, this, &SamplesPage::troubleRaised);
  connect(dataset_, &DatasetSession::projectionReady, this, &SamplesPage::showSamples);
  for (const auto signal : {&DatasetSession::opened, &DatasetSession::closed}) {
    connect(dataset_, signal, this, &SamplesPage::showModel);
    connect(dataset_, signal, this, &SamplesPage::showSamples);
  }
}

void SamplesPage::connectSampling() {
  connect(sampling_, &SamplingSession::stateChanged, this,
          [this] { form_->setState(sampling_->isBusy() || !jobs_.isEmpty(), sampling_->isCancelling()); });
  connect(sampling_, &SamplingSession::progressed, this, [this](double fraction) {
    const auto all = static_cast<double>(jobs_.size() + made_.size());
    if (all > 0.0) form_->setProgress((static_cast<double>(made_.size()) + fraction) / all);
  });
  connect(sampling_, &SamplingSession::made, this, &SamplesPage::take);
  connect(sampling_, &SamplingSession::cancelled, this, &SamplesPage::finish);
  connect(sampling_, &SamplingSession::refused, this, &SamplesPage::refuse);
  connect(sampling_, &SamplingSession::failed, this,
          [this](const QString& sentence, const QString& remedy) { refuse(atCheckpoint(sentence, remedy)); });
}

void SamplesPage::showCheckpoint(const QString& folder) { form_->checkpoints()->choose(folder); }

void SamplesPage::describe() {
  const QString checkpoint = form_->checkpoints()->folder();
  if (!sampling_->backend().open) return form_->setEnabled(false);
  empty_->setText(
      checkpoint.isEmpty()
          ? tr("There is no checkpoint to sample from yet. Train first (Save now writes one at once), then come back.")
          : tr("Press Sample: the model draws pictures out of noise."));
  if (checkpoint == described_ || !sampling_->backend().describe) return;
  form_->showProblems({});
  described_ = checkpoint;
  model_.reset();
  if (checkpoint.isEmpty()) return;
  runInBackground(
      this, [describe = sampling_->backend().describe, path = checkpoint.toStdString()] { return describe(path); },
      [this, checkpoint](const inference::ModelFacts& model) {
        if (checkpoint != described_) return;
        model_ = model;
        showModel();
      },
      [this, checkpoint](const JobFailure& failure) {
        if (checkpoint == described_) form_->showProblems(atCheckpoint(failure.sentence, failure.remedy));
      });
}

void SamplesPage::showModel() {
  if (!model_) return;
  qint64 contextSamples = 0;
  if (dataset_->isOpen()) {
    const auto& info = dataset_->source()->info();
    if (info.contextDim == model_->model.ctxDim && info.contextRows == model_->contextRows)
      contextSamples = info.samples;
  }
  form_->setModel(*model_, contextSamples);
  form_->showProblems(misfits());
}

/// A checkpoint of another shape than the open dataset: it can draw, but not pictures of this dataset.
Problems SamplesPage::misfits() const {
  if (!model_ || !dataset_->isOpen()) return {};
  return inference::compareShapes(*model_, dataset_->source()->info().shape());
}

void SamplesPage::sample() {
  if (sampling_->isBusy()) return;
  if (const auto wrong = form_->unreadable(); !wrong.empty()) return form_->showProblems(wrong);
  form_->showProblems(misfits());
  jobs_ = form_->jobs();
  made_.clear();
  startNext();
}

void SamplesPage::startNext() {
  if (jobs_.isEmpty()) return finish();
  auto& job = jobs_.front();
  job.source = dataset_->source();
  job.request.threads = training_->isBusy() ? 1 : 0;  // the others are the trainer's
  if (!sampling_->start(job)) finish();
}

void SamplesPage::take(const std::shared_ptr<const inference::SampleSet>& samples) {
  made_.append(samples);
  if (!jobs_.isEmpty()) jobs_.removeFirst();  // else they were given up while this one came
  startNext();
}

void SamplesPage::finish() {
  jobs_.clear();
  form_->setState(false, false);
  if (made_.size() == 2) kept_ = made_.first();
  if (!made_.isEmpty()) newest_ = made_.last();
  made_.clear();
  showSamples();
}

void SamplesPage::refuse(const Problems& problems) {
  finish();
  form_->showProblems(problems);
}

data::pictures::RgbProjection SamplesPage::projection() const {
  const auto channels = newest_->model.channels;
  // Fitted colours, and the scale of the stored numbers, are known where the dataset of the run is open.
  const bool known = dataset_->isOpen() && dataset_->source()->info().channels == channels;
  return known ? dataset_->projection(data::pictures::coloursFor(channels).front())
               : data::pictures::projectionOf(newest_->stored(), channels);
}

void SamplesPage::showSamples() {
  stack_->setCurrentIndex(newest_ ? 1 : 0);
  if (!newest_) return;
  const bool both = kept_ && kept_ != newest_;
  const auto look = projection();
  pictures_->setSamples(kept_, newest_, look);
  player_->setLook(look);
  comparison_->setLook(look);
  player_->setSamples(both ? kept_ : newest_, both ? newest_ : nullptr);
  comparison_->setSamples(both ? kept_ : nullptr, both ? newest_ : nullptr);
  showChosen(std::max(0, pictures_->current()));
}

void SamplesPage::showChosen(int index) {
  pictures_->setCurrent(index);
  player_->setPicture(index);
  comparison_->setPicture(index);
}

void SamplesPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  form_->setWatching(true);
}

void SamplesPage::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  form_->setWatching(false);
}

QWidget* makeSamplesPage(Workbench& workbench, PageHost& host) {
  auto* page = new SamplesPage(workbench.sampling(), workbench.runs(), workbench.training(), workbench.dataset());
  QObject::connect(page, &SamplesPage::troubleRaised, page, [&host](const QString& sentence, const QString& remedy) {
    host.showCard({QStringLiteral("samples"), Severity::Warning, sentence, remedy, {}, {}});
  });
  QObject::connect(&workbench, &Workbench::samplesRequested, page, [&host, page](const QString& checkpoint) {
    page->showCheckpoint(checkpoint);
    host.showPage(page);
  });
  return page;
}

}  // namespace dw::ui
