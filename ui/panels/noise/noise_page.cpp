// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/noise_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "cards/card_stack.h"
#include "forms/choice_box.h"
#include "panels/noise/contact_sheet.h"
#include "panels/noise/draws_view.h"
#include "panels/noise/formula.h"
#include "panels/noise/model_bar.h"
#include "panels/noise/schedule_bar.h"
#include "panels/noise/time_bar.h"
#include "pictures/picture_file.h"
#include "pictures/sample_strip.h"
#include "plots/schedule_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/noise/live_predictor.h"
#include "session/noise/noise_lab.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/icons.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

constexpr float kLimit = 3.0F;  // three standard deviations of the noise, in the model's scale
constexpr int kSideWidth = 300;
enum Entry { X0, Noise, Noised, GuessedNoise, GuessedX0, Error };

QString nameOf(const ScheduleCurve& curve) { return choiceLabel(curve.settings.kind); }

}  // namespace

NoisePage::NoisePage(NoiseLab* lab, LivePredictor* predictor, TrainingSession* session, RecipeDraft* draft,
                     DatasetSession* dataset, QWidget* parent)
    : QWidget(parent), session_(session), draft_(draft), dataset_(dataset), lab_(lab), predictor_(predictor) {
  setObjectName(QStringLiteral("noisePage"));
  auto* bar = new ScheduleBar(lab_, draft_);
  plot_ = new SchedulePlot;
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("noiseTabs"));
  tabs_->setAccessibleName(tr("Views of the noise"));
  tabs_->setDocumentMode(true);
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty());
  stack_->addWidget(buildSample());
  sheet_ = new ContactSheet(lab_);
  tabs_->addTab(stack_, tr("One timestep"));
  tabs_->addTab(sheet_, tr("Contact sheet"));
  tabs_->addTab(new DrawsView(session_, lab_), tr("Drawn in training"));
  auto* inner = new QWidget;
  auto* column = new QVBoxLayout(inner);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addWidget(bar);
  column->addWidget(plot_);
  column->addWidget(tabs_, 1);
  auto* scroll = new QScrollArea;
  scroll->setObjectName(QStringLiteral("noiseScroll"));
  scroll->setWidget(inner);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
  connect(bar, &ScheduleBar::exportRequested, this, &NoisePage::saveCurves);
  connectAll();
  showSchedule();
  applyLook();
  showSample();
}

QWidget* NoisePage::buildEmpty() {
  auto* page = new QWidget;
  auto* text =
      new QLabel(tr("Open data to see one of its samples turn into noise: x₀, the noise ε, and x_t at any t."));
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignCenter);
  text->setProperty("muted", true);
  auto* open = new QPushButton(theme::icon(QStringLiteral("open")), tr("Open data…"));
  open->setObjectName(QStringLiteral("noiseOpen"));
  auto* demo = new QPushButton(theme::icon(QStringLiteral("demo")), tr("Try the demo data"));
  demo->setObjectName(QStringLiteral("noiseDemo"));
  connect(open, &QPushButton::clicked, this, &NoisePage::openRequested);
  connect(demo, &QPushButton::clicked, this, &NoisePage::demoRequested);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(open);
  row->addWidget(demo);
  row->addStretch(1);
  auto* column = new QVBoxLayout(page);
  column->addStretch(1);
  column->addWidget(text);
  column->addSpacing(8);
  column->addLayout(row);
  column->addStretch(1);
  return page;
}

QWidget* NoisePage::buildStripSide() {
  formula_ = new QLabel;
  formula_->setObjectName(QStringLiteral("noiseFormula"));
  formula_->setTextFormat(Qt::RichText);
  formula_->setWordWrap(true);
  formula_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  figures_ = new QLabel;
  figures_->setObjectName(QStringLiteral("noiseFigures"));
  figures_->setTextFormat(Qt::RichText);
  readout_ = new QLabel;
  readout_->setObjectName(QStringLiteral("noiseReadout"));
  readout_->setProperty("muted", true);
  readout_->setWordWrap(true);
  auto* save = new QPushButton(theme::icon(QStringLiteral("export")), tr("Save as picture…"));
  save->setObjectName(QStringLiteral("stripExport"));
  connect(save, &QPushButton::clicked, this, &NoisePage::showStripExport);
  auto* side = new QWidget;
  side->setFixedWidth(kSideWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(formula_);
  column->addWidget(figures_);
  modelBar_ = new ModelBar(predictor_, lab_, session_);
  column->addWidget(modelBar_);
  column->addWidget(readout_);
  column->addStretch(1);
  column->addWidget(save, 0, Qt::AlignLeft);
  return side;
}

QWidget* NoisePage::buildSample() {
  auto* page = new QWidget;
  strip_ = new SampleStrip;
  strip_->setAccessibleName(tr("The sample, the noise and x_t"));
  auto* row = new QHBoxLayout;
  row->setSpacing(16);
  row->addWidget(strip_, 1);
  row->addWidget(buildStripSide());
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(new TimeBar(lab_, dataset_));
  column->addLayout(row, 1);
  return page;
}

void NoisePage::connectAll() {
  connect(plot_, &SchedulePlot::timePicked, lab_, &NoiseLab::setT);
  connect(plot_, &SchedulePlot::handleMoved, lab_, [this](int index, const QPointF& to) {
    lab_->moveCurvePoint(index, {to.x(), to.y()});
  });
  connect(plot_, &SchedulePlot::handleAdded, lab_, [this](const QPointF& point) {
    lab_->addCurvePoint({point.x(), point.y()});
  });
  connect(plot_, &SchedulePlot::handleRemoved, lab_, &NoiseLab::removeCurvePoint);
  connect(lab_, &NoiseLab::scheduleChanged, this, &NoisePage::showSchedule);
  connect(lab_, &NoiseLab::timeChanged, this, &NoisePage::showTime);
  connect(lab_, &NoiseLab::sampleChanged, this, &NoisePage::showSample);
  connect(lab_, &NoiseLab::readFailed, this, &NoisePage::troubleRaised);
  connect(predictor_, &LivePredictor::seen, this, &NoisePage::takeView);
  connect(modelBar_, &ModelBar::switchedOff, this, &NoisePage::dropView);
  connect(dataset_, &DatasetSession::opened, this, &NoisePage::applyLook);
  connect(dataset_, &DatasetSession::projectionReady, this, &NoisePage::applyLook);
  connect(draft_, &RecipeDraft::changed, this, &NoisePage::applyScale);
  connect(strip_, &SampleStrip::hovered, this, [this](const QString& text) {
    readout_->setText(text.isEmpty() ? tr("Point at a picture to read its values.") : text);
  });
  connect(sheet_, &ContactSheet::exportFailed, this, [this](const QString& path) {
    Q_EMIT troubleRaised(tr("%1 could not be written.").arg(path), tr("Choose another folder."));
  });
  readout_->setText(tr("Point at a picture to read its values."));
}

void NoisePage::showSchedule() {
  const auto compared = lab_->compared();
  plot_->setSchedules(lab_->curve()->tables, nameOf(*lab_->curve()), compared ? &compared->tables : nullptr,
                      compared ? nameOf(*compared) : QString());
  QList<QPointF> handles;
  for (const auto& point : lab_->curvePoints()) handles.append({point.share, point.alphaBar});
  plot_->setHandles(handles);
  showTime();
}

StripEntry NoisePage::noisedEntry() const {
  const auto tile = lab_->noised(lab_->t());
  return {QStringLiteral("x_t"), tr("at t = %1").arg(lab_->t()), tile, lab_->asStored(tile)};
}

void NoisePage::showTime() {
  plot_->setTime(lab_->t());
  formula_->setText(formulaText(*lab_));
  figures_->setText(figuresText(*lab_));
  if (lab_->hasSample()) strip_->setEntry(Noised, noisedEntry());
}

void NoisePage::showSample() {
  stack_->setCurrentIndex(dataset_->isOpen() ? 1 : 0);
  if (!lab_->hasSample()) return strip_->setEntries({});
  QList<StripEntry> entries(
      {{QStringLiteral("x₀"), tr("sample %1").arg(lab_->sample()), lab_->x0(), lab_->asStored(lab_->x0())},
       {QStringLiteral("ε"), tr("noise %1").arg(lab_->noiseSeed() + 1), lab_->noise(), lab_->asStored(lab_->noise())},
       noisedEntry()});
  // What the model said stays until it has looked at the new one.
  if (strip_->entries().size() > GuessedNoise) entries += strip_->entries().mid(GuessedNoise);
  strip_->setEntries(entries);
  const auto& labels = dataset_->source()->labels();
  predictor_->setLabel(labels.empty() ? -1 : labels[static_cast<std::size_t>(lab_->sample())]);
}

void NoisePage::takeView(const ModelView& view) {
  auto entries = strip_->entries();
  if (entries.size() < GuessedNoise) return;
  entries.resize(GuessedNoise);
  const QString note = tr("of step %1").arg(view.step);
  entries.append({tr("ε guessed"), note, view.eps, lab_->asStored(view.eps)});
  entries.append({tr("x₀ guessed"), note, view.x0, lab_->asStored(view.x0)});
  entries.append({tr("error"), tr("guess − ε"), view.error, lab_->asStored(view.error)});
  strip_->setEntries(entries);
}

void NoisePage::dropView() { strip_->setEntries(strip_->entries().mid(0, GuessedNoise)); }

void NoisePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  predictor_->setWatched(true);
}

void NoisePage::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  predictor_->setWatched(false);
}

void NoisePage::applyLook() {
  if (!dataset_->isOpen()) return;
  const auto colours = data::pictures::coloursFor(dataset_->source()->info().channels).front();
  strip_->setLook(dataset_->projection(colours), kLimit);
  sheet_->setLook(dataset_->projection(colours), kLimit);
  applyScale();
}

/// The factor of the recipe; what standardizing adds is known only to a run.
void NoisePage::applyScale() {
  if (!dataset_->isOpen()) return;
  const double factor = draft_->recipe().data.scale;
  data::ValueScale scale;
  if (factor != 1.0 && factor != 0.0)
    scale.factor.assign(static_cast<std::size_t>(dataset_->source()->info().channels), factor);
  lab_->setScale(scale);
}

void NoisePage::showStripExport() {
  const QString path = askForPictureFile(this, tr("Save the pictures"), QStringLiteral("x_t"));
  if (path.isEmpty()) return;
  const bool written = writePicture(path, strip_->size(), palette().color(QPalette::Window), [this](QPainter& painter) {
    painter.setFont(font());
    strip_->draw(painter);
  });
  if (!written) Q_EMIT troubleRaised(tr("%1 could not be written.").arg(path), tr("Choose another folder."));
}

void NoisePage::saveCurves() {
  const QString path = askForPictureFile(this, tr("Save the curves"), QStringLiteral("schedule"));
  if (!path.isEmpty() && !plot_->exportTo(path))
    Q_EMIT troubleRaised(tr("%1 could not be written.").arg(path), tr("Choose another folder."));
}

QWidget* makeNoisePage(Workbench& workbench, PageHost& host) {
  auto* page = new NoisePage(workbench.noise(), workbench.predictor(), workbench.training(), workbench.draft(),
                             workbench.dataset());
  QObject::connect(page, &NoisePage::openRequested, page, [&host] { host.chooseFile(); });
  QObject::connect(page, &NoisePage::demoRequested, &workbench,
                   [&workbench] { workbench.open(QStringLiteral("demo")); });
  QObject::connect(page, &NoisePage::troubleRaised, page, [&host](const QString& sentence, const QString& remedy) {
    host.showCard({QStringLiteral("noise"), Severity::Warning, sentence, remedy, {}, {}});
  });
  return page;
}

}  // namespace dw::ui
