// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/samples_page.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "panels/samples/checkpoint_choice.h"
#include "panels/samples/comparison_view.h"
#include "panels/samples/order_form.h"
#include "panels/samples/process_player.h"
#include "panels/samples/sample_words.h"
#include "panels/samples/training_strip.h"
#include "pictures/picture_file.h"
#include "pictures/picture_sheet.h"
#include "pictures/tile_painter.h"
#include "session/background_job.h"
#include "session/dataset_session.h"
#include "session/runs_session.h"
#include "session/training_session.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

constexpr float kLimit = 3.0F;  // of channels, in the model's scale
constexpr int kPictureHeight = 112;

QScrollArea* scrolled(QWidget* inside, const char* name, const QString& accessible) {
  auto* scroll = new QScrollArea;
  scroll->setObjectName(QLatin1String(name));
  scroll->setAccessibleName(accessible);
  scroll->setWidget(inside);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  return scroll;
}

}  // namespace

SamplesPage::SamplesPage(SamplingTools tools, RunsSession* runs, TrainingSession* training, DatasetSession* dataset, QWidget* parent)
    : QWidget(parent), training_(training), dataset_(dataset), sampling_(new SamplingSession(std::move(tools), this)),
      checkpoints_(new CheckpointChoice(runs, training)) {
  setObjectName(QStringLiteral("samplesPage"));
  form_ = new OrderForm(checkpoints_, sampling_->tools());
  player_ = new ProcessPlayer;
  comparison_ = new ComparisonView;
  strip_ = new TrainingStrip;
  strip_->setHint(tr("This run has drawn no samples while it trained. Set “samples every” in the recipe of the next run to have some drawn every so "
                     "many steps, always from the same noise."));
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("samplesTabs"));
  tabs_->setAccessibleName(tr("Views of the samples"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(buildPictures(), tr("Pictures"));
  tabs_->addTab(player_, tr("From noise to picture"));
  tabs_->addTab(comparison_, tr("A | B"));
  tabs_->addTab(strip_, tr("While training"));
  auto* inner = new QWidget;
  auto* column = new QVBoxLayout(inner);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addWidget(form_);
  column->addWidget(tabs_, 1);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scrolled(inner, "samplesScroll", tr("Samples")));
  connectAll();
  showPictures();
}

SamplesPage::~SamplesPage() = default;

QWidget* SamplesPage::buildBar() {
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("samplesKind"));
  kind_->setAccessibleName(tr("How samples are shown"));
  kind_->addItems({tr("≈ colours"), tr("all channels")});
  keep_ = new QPushButton(tr("Keep as A"));
  keep_->setObjectName(QStringLiteral("samplesKeep"));
  keep_->setToolTip(tr("Keeps these samples as A; the next ones become B, to be compared"));
  save_ = new QPushButton(theme::icon(QStringLiteral("export")), tr("Save as picture…"));
  save_->setObjectName(QStringLiteral("samplesSave"));
  note_ = new QLabel;
  note_->setObjectName(QStringLiteral("samplesNote"));
  note_->setProperty("muted", true);
  note_->setWordWrap(true);
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(note_, 1);
  row->addWidget(kind_);
  row->addWidget(keep_);
  row->addWidget(save_);
  return bar;
}

QWidget* SamplesPage::buildPictures() {
  empty_ = new QLabel;
  empty_->setObjectName(QStringLiteral("samplesEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  sheet_ = new PictureSheet;
  sheet_->setObjectName(QStringLiteral("samplesSheet"));
  sheet_->setAccessibleName(tr("Samples"));
  keptSheet_ = new PictureSheet;
  keptSheet_->setObjectName(QStringLiteral("samplesKeptSheet"));
  keptSheet_->setAccessibleName(tr("Samples that were kept as A"));
  for (auto* sheet : {sheet_, keptSheet_}) {
    sheet->setPictureHeight(kPictureHeight);
    sheet->setChoosing(true);
  }
  keptNote_ = new QLabel;
  keptNote_->setProperty("muted", true);
  keptNote_->setWordWrap(true);
  keptBox_ = new QWidget;
  auto* keptColumn = new QVBoxLayout(keptBox_);
  keptColumn->setContentsMargins(0, 0, 0, 0);
  keptColumn->addWidget(keptNote_);
  keptColumn->addWidget(scrolled(keptSheet_, "samplesKeptScroll", tr("Samples A")), 1);
  auto* both = new QWidget;
  auto* bothRow = new QHBoxLayout(both);
  bothRow->setContentsMargins(0, 0, 0, 0);
  bothRow->setSpacing(16);
  bothRow->addWidget(keptBox_, 1);
  bothRow->addWidget(scrolled(sheet_, "samplesSheetScroll", tr("Samples")), 1);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(buildBar());
  column->addWidget(both, 1);
  stack_ = new QStackedWidget;
  stack_->addWidget(empty_);
  stack_->addWidget(content);
  return stack_;
}

void SamplesPage::connectAll() {
  connect(form_, &OrderForm::sampleRequested, this, &SamplesPage::sample);
  connect(form_, &OrderForm::cancelRequested, sampling_, &SamplingSession::cancel);
  connect(form_, &OrderForm::checkpointChanged, this, &SamplesPage::describe);
  connect(checkpoints_, &CheckpointChoice::runChanged, this, [this] { strip_->setRun(checkpoints_->run()); });
  connect(sampling_, &SamplingSession::stateChanged, this, [this] { form_->setState(sampling_->isBusy(), sampling_->isCancelling()); });
  connect(sampling_, &SamplingSession::progressed, form_, &OrderForm::setProgress);
  connect(sampling_, &SamplingSession::made, this, &SamplesPage::take);
  connect(sampling_, &SamplingSession::cancelled, this, [this] { form_->showProblem({}); });
  connect(sampling_, &SamplingSession::refused, this, [this](const Problems& problems) {
    const auto& first = problems.front();
    form_->showProblem(tr("%1; %2.").arg(QString::fromStdString(first.sentence), QString::fromStdString(first.remedy)));
  });
  connect(sampling_, &SamplingSession::failed, this, [this](const QString& sentence, const QString& remedy) {
    form_->showProblem(remedy.isEmpty() ? sentence : tr("%1; %2.").arg(sentence, remedy));
  });
  connect(kind_, &QComboBox::currentIndexChanged, this, &SamplesPage::showPictures);
  connect(keep_, &QPushButton::clicked, this, &SamplesPage::keep);
  connect(save_, &QPushButton::clicked, this, &SamplesPage::savePictures);
  for (auto* sheet : {sheet_, keptSheet_}) connect(sheet, &PictureSheet::chosen, this, &SamplesPage::showChosen);
  connect(dataset_, &DatasetSession::opened, this, &SamplesPage::showPictures);
  connect(dataset_, &DatasetSession::projectionReady, this, &SamplesPage::showPictures);
  strip_->setRun(checkpoints_->run());
  describe();
}

void SamplesPage::showCheckpoint(const QString& folder) { checkpoints_->choose(folder); }

/// Fits the form to the model of the checkpoint, which is told by its state.json.
void SamplesPage::describe() {
  form_->showProblem({});
  empty_->setText(checkpoints_->folder().isEmpty() ? tr("There is no checkpoint to sample from yet. Train first (Save now writes one at once), then come back.")
                                                   : tr("Press Sample: the model draws pictures out of noise."));
  const QString checkpoint = checkpoints_->folder();
  if (checkpoint.isEmpty() || checkpoint == described_ || !sampling_->tools().describe) return;
  described_ = checkpoint;
  runInBackground(
      this, [describe = sampling_->tools().describe, path = checkpoint.toStdString()] { return describe(path); },
      [this, checkpoint](const run::SampledModel& model) {
        if (checkpoint == described_) showModel(model);
      },
      [this, checkpoint](const JobFailure& failure) {
        if (checkpoint == described_) form_->showProblem(failure.sentence);
      });
}

void SamplesPage::showModel(const run::SampledModel& model) {
  QStringList names;
  for (const auto& name : model.classNames) names << QString::fromStdString(name);
  form_->setClasses(model.classes(), names);
}

void SamplesPage::sample() {
  form_->showProblem({});
  sampling_->start(form_->checkpoint(), form_->averaged(), form_->request());
}

void SamplesPage::take(const std::shared_ptr<const MadeSamples>& samples) {
  newest_ = samples;
  showModel(samples->model);
  showPictures();
  if (sheet_->current() < 0) sheet_->setCurrent(0);
  showChosen(sheet_->current());
}

void SamplesPage::keep() {
  kept_ = newest_;
  showPictures();
}

data::RgbProjection SamplesPage::projection() const {
  const auto& model = (newest_ ? newest_ : kept_)->model;
  const auto usual = data::coloursFor(model.channels).front();
  // Fitted colours, and the scale of the stored numbers, are known where the dataset of the run is open.
  if (dataset_->isOpen() && dataset_->source()->info().channels == model.channels) return dataset_->projection(usual);
  return data::projectionFor(usual, model.channels);
}

QPixmap SamplesPage::pictureOf(const MadeSamples& samples, qint64 index) const {
  const auto tile = samples.tile(index);
  const bool colours = kind_->currentIndex() == 0;
  return paintTile(colours ? samples.asStored(tile) : tile, {colours ? PreviewKind::Colour : PreviewKind::AllChannels, 0, kLimit, projection()});
}

void SamplesPage::showPictures() {
  stack_->setCurrentIndex(newest_ ? 1 : 0);
  if (!newest_) return;
  const bool both = kept_ && kept_ != newest_;
  const auto fill = [this](PictureSheet* sheet, const MadeSamples& samples) {
    QList<PictureSheet::Cell> cells;
    for (qint64 i = 0; i < samples.request.count; ++i) cells.append({classText(samples, i), pictureOf(samples, i)});
    sheet->setCells(cells);
  };
  fill(sheet_, *newest_);
  keptBox_->setVisible(both);
  if (both) {
    fill(keptSheet_, *kept_);
    keptNote_->setText(tr("A: %1").arg(orderText(*kept_)));
  }
  keep_->setEnabled(kept_ != newest_);
  keep_->setText(kept_ == newest_ ? tr("Kept as A") : tr("Keep as A"));
  note_->setText((both ? tr("B: %1") : QStringLiteral("%1")).arg(orderText(*newest_)) + tr(" — %1 s").arg(newest_->seconds, 0, 'f', 1));
  player_->setLook(projection());
  comparison_->setLook(projection());
  player_->setSamples(both ? kept_ : newest_, both ? newest_ : nullptr);
  comparison_->setSamples(both ? kept_ : nullptr, both ? newest_ : nullptr);
}

void SamplesPage::showChosen(int index) {
  sheet_->setCurrent(index);
  keptSheet_->setCurrent(index);
  player_->setPicture(index);
  comparison_->setPicture(index);
}

void SamplesPage::savePictures() {
  const QString path = askForPictureFile(this, tr("Save the samples"), QStringLiteral("samples"));
  if (path.isEmpty()) return;
  const QSize size(sheet_->width(), std::max(1, sheet_->heightForWidth(sheet_->width())));
  const bool written = writePicture(path, size, palette().color(QPalette::Window), [this](QPainter& painter) {
    painter.setFont(font());
    sheet_->draw(painter);
  });
  if (!written) Q_EMIT troubleRaised(tr("%1 could not be written.").arg(path), tr("Choose another folder."));
}

void SamplesPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  checkpoints_->setWatching(true);
}

void SamplesPage::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  checkpoints_->setWatching(false);
}

}  // namespace dw::ui
