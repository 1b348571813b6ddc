// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/data_page.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>

#include "panels/data/array_chooser.h"
#include "panels/data/check_up_view.h"
#include "panels/data/file_bar.h"
#include "panels/data/file_facts.h"
#include "panels/data/histogram_view.h"
#include "panels/data/opening_strip.h"
#include "panels/data/sample_detail.h"
#include "panels/data/sample_grid.h"
#include "panels/data/view_bar.h"
#include "session/dataset/dataset_session.h"
#include "theme/icons.h"
#include "theme/widgets.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {
constexpr double kUsualShare = 0.995;

QLabel* lineOf(const char* name, const char* property) {
  auto* label = new QLabel;
  label->setObjectName(QLatin1String(name));
  label->setProperty(property, true);
  label->setTextFormat(Qt::PlainText);
  label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // a long path must not widen the window
  return label;
}
}  // namespace

DataPage::DataPage(DatasetSession* session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("dataPage"));
  chooser_ = new ArrayChooser;
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty());
  stack_->addWidget(buildContent());
  stack_->addWidget(chooser_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(new OpeningStrip(session_));
  column->addWidget(stack_, 1);
  connectAll();
  connectSession();
  if (session_->isOpen()) showDataset();
}

QWidget* DataPage::buildEmpty() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  emptyText_ = new QLabel(tr("No data is open. Open a file, drop one into the window, or try the demo data."));
  emptyText_->setWordWrap(true);
  emptyText_->setAlignment(Qt::AlignCenter);
  emptyText_->setProperty("muted", true);
  auto* open = new QPushButton(theme::icon(QStringLiteral("open")), tr("Open data…"));
  open->setObjectName(QStringLiteral("dataOpen"));
  auto* demo = new QPushButton(theme::icon(QStringLiteral("demo")), tr("Try the demo data"));
  demo->setObjectName(QStringLiteral("dataDemo"));
  connect(open, &QPushButton::clicked, this, &DataPage::openRequested);
  connect(demo, &QPushButton::clicked, this, &DataPage::demoRequested);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addWidget(open);
  row->addWidget(demo);
  row->addStretch(1);
  column->addStretch(1);
  column->addWidget(emptyText_);
  column->addSpacing(8);
  column->addLayout(row);
  column->addStretch(1);
  return page;
}

QWidget* DataPage::buildTop() {
  name_ = lineOf("dataName", "subheading");
  name_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  facts_ = lineOf("dataFacts", "muted");
  bar_ = new ViewBar;
  auto* top = new QWidget;
  auto* column = new QVBoxLayout(top);
  column->setContentsMargins(0, 0, 16, 4);  // the splitter below reaches the edge of the window, these lines do not
  column->setSpacing(4);
  column->addWidget(name_);
  column->addWidget(facts_);
  column->addWidget(new FileBar(session_));
  column->addWidget(bar_);
  return top;
}

QWidget* DataPage::buildSide() {
  detail_ = new SampleDetail(session_);
  checkUp_ = new CheckUpView(session_);
  readout_ = lineOf("readout", "muted");
  histogram_ = new HistogramView;
  side_ = new QTabWidget;
  side_->setObjectName(QStringLiteral("dataSide"));
  side_->setAccessibleName(tr("Sample and check-up"));
  side_->tabBar()->setObjectName(QStringLiteral("dataSideTabs"));
  side_->tabBar()->setAccessibleName(tr("Sample or check-up"));
  side_->setDocumentMode(true);
  side_->addTab(detail_, tr("Sample"));
  auto* scroll = theme::scrolled(checkUp_, "checkUpScroll", tr("Check-up"));
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  side_->addTab(scroll, tr("Check-up"));
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 4);
  column->setSpacing(4);
  column->addWidget(side_, 1);
  auto* below = new QVBoxLayout;
  below->setContentsMargins(12, 0, 12, 0);
  below->setSpacing(2);
  below->addWidget(readout_);
  below->addWidget(histogram_);
  column->addLayout(below);
  return side;
}

QWidget* DataPage::buildContent() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(16, 8, 0, 0);
  column->setSpacing(0);
  column->addWidget(buildTop());
  grid_ = new SampleGrid(session_);
  grid_->installEventFilter(this);
  auto* splitter = new QSplitter;
  splitter->addWidget(grid_);
  splitter->addWidget(buildSide());
  splitter->setStretchFactor(0, 1);
  splitter->setCollapsible(0, false);
  splitter->setSizes({760, 400});
  column->addWidget(splitter, 1);
  return page;
}

void DataPage::connectAll() {
  connect(bar_, &ViewBar::changed, this, &DataPage::applyOptions);
  connect(histogram_, &HistogramView::limitChanged, bar_, &ViewBar::setLimit);
  connect(histogram_, &HistogramView::resetRequested, this, [this] { bar_->setLimit(usualLimit()); });
  connect(grid_, &SampleGrid::currentChanged, this, [this] {
    side_->setCurrentIndex(0);
    showCurrent();
  });
  connect(grid_, &SampleGrid::hovered, this, &DataPage::showReadout);
  connect(detail_, &SampleDetail::hovered, this, &DataPage::showReadout);
  connect(checkUp_, &CheckUpView::scaleChosen, this, &DataPage::scaleChosen);
  connect(checkUp_, &CheckUpView::standardizeChosen, this,
          [this] { Q_EMIT flagChosen(QStringLiteral("data.standardize")); });
  connect(checkUp_, &CheckUpView::skipBadChosen, this,
          [this] { Q_EMIT flagChosen(QStringLiteral("data.skip_not_finite")); });
  connect(checkUp_, &CheckUpView::sampleWanted, this, &DataPage::showSample);
  connect(checkUp_, &CheckUpView::stopped, this, [this] { side_->setTabText(1, tr("Check-up")); });
  connect(checkUp_, &CheckUpView::begun, this, [this] { side_->setTabText(1, tr("Check-up …")); });
  connect(chooser_, &ArrayChooser::chosen, session_,
          [this](const QString& path, const DatasetChoice& choice) { session_->open(path, choice); });
  connect(chooser_, &ArrayChooser::cancelled, this,
          [this] { stack_->setCurrentIndex(session_->isOpen() ? Content : Empty); });
}

void DataPage::connectSession() {
  connect(session_, &DatasetSession::opened, this, &DataPage::showDataset);
  connect(session_, &DatasetSession::closed, this, [this] {
    grid_->reset();
    detail_->clear();
    stack_->setCurrentIndex(Empty);
  });
  connect(
      session_, &DatasetSession::choiceNeeded, this,
      [this](const QString& path, const QString& sentence, const std::vector<data::sources::Candidate>& candidates) {
        stack_->setCurrentIndex(Chooser);
        chooser_->ask(path, sentence, candidates);
      });
  connect(session_, &DatasetSession::sampleReady, this,
          [this](const SampleValues& values) { histogram_->setSample(values.histogram); });
  connect(session_, &DatasetSession::projectionReady, this, [this] { applyOptions(bar_->options()); });
  connect(session_, &DatasetSession::checkUpDone, this, &DataPage::takeCheckUp);
}

void DataPage::showDataset() {
  showHeader();
  side_->setCurrentIndex(0);
  shownSample_ = -1;
  showReadout({});
  histogram_->setSample(nullptr);
  histogram_->setDataset(session_->quickLook().histogram, false);
  bar_->setDataset(session_->source()->info(), session_->quickLook().limit);
  applyOptions(bar_->options());
  grid_->reset();
  stack_->setCurrentIndex(Content);
  showCurrent();
}

void DataPage::applyOptions(const ViewOptions& options) {
  if (!session_->isOpen()) return;
  grid_->setOptions(options);
  histogram_->setLimit(options.limit);
  histogram_->setChannel(options.kind == PreviewKind::OneChannel ? options.channel : -1);
  detail_->setLook({options.kind, options.channel, options.limit, session_->projection(options.colours)});
  showCurrent();
}

void DataPage::showCurrent() {
  const auto sample = grid_->current(), crop = static_cast<qint64>(bar_->options().crop);
  if (sample < 0 || (sample == shownSample_ && crop == shownCrop_)) return;  // limits and colours need no other numbers
  shownSample_ = sample;
  shownCrop_ = crop;
  detail_->show(sample, crop);
}

void DataPage::showSample(qint64 sample) {
  grid_->setCurrent(sample);
  side_->setCurrentIndex(0);
  grid_->setFocus();
}

void DataPage::showReadout(const QString& text) {
  readout_->setText(text.isEmpty() ? tr("Point at a picture to read its values.") : text);
}

void DataPage::takeCheckUp() {
  const auto& result = *session_->checkUp();
  side_->setTabText(
      1, result.report.problems.empty() ? tr("Check-up ✓") : tr("Check-up (%1)").arg(result.report.problems.size()));
  histogram_->setDataset(result.histogram, result.complete);
  grid_->setBadSamples(result.badSamples);
}

float DataPage::usualLimit() const {
  const auto checkUp = session_->checkUp();
  const float known = checkUp ? checkUp->histogram->sizeOfShare(kUsualShare) : 0.0F;
  return known > 0.0F ? known : session_->quickLook().limit;
}

bool DataPage::eventFilter(QObject* watched, QEvent* event) {
  if (watched == grid_ && event->type() == QEvent::KeyPress && bar_->takeKey(*static_cast<QKeyEvent*>(event)))
    return true;
  return QWidget::eventFilter(watched, event);
}

void DataPage::showHeader() {
  const auto& info = session_->source()->info();
  QString name = session_->path() == QLatin1String("demo")
                     ? tr("Demo data: pictures of coloured shapes, made by this program")
                     : session_->path();
  if (!info.dataset.empty()) name += tr("  (dataset “%1”)").arg(QString::fromStdString(info.dataset));
  name_->setText(name);
  name_->setToolTip(QString::fromStdString(info.path.string()));
  facts_->setText(factsInLine(*session_));
  facts_->setToolTip(facts_->text());
}

QWidget* makeDataPage(Workbench& workbench, PageHost& host) {
  auto* page = new DataPage(workbench.dataset());
  QObject::connect(page, &DataPage::openRequested, page, [&host] { host.chooseFile(); });
  QObject::connect(page, &DataPage::demoRequested, &workbench,
                   [&workbench] { workbench.open(QStringLiteral("demo")); });
  QObject::connect(page, &DataPage::scaleChosen, &workbench, [&workbench](double scale) {
    workbench.proposeField(QStringLiteral("data.scale"), QString::number(scale, 'g', 4));
  });
  QObject::connect(page, &DataPage::flagChosen, &workbench,
                   [&workbench](const QString& key) { workbench.proposeField(key, QStringLiteral("true")); });
  const auto show = [&host, page] { host.showPage(page); };
  const auto showAfterStart = [&host, page] {
    if (host.isAtStart()) host.showPage(page);
  };
  // The start page says itself that data is being opened, until that takes a while: here stands how long.
  QObject::connect(&workbench, &Workbench::dataRequested, page, [&host, page] {
    if (!host.isAtStart()) host.showPage(page);
  });
  QObject::connect(workbench.dataset(), &DatasetSession::openingProgress, page, showAfterStart);
  QObject::connect(workbench.dataset(), &DatasetSession::opened, page, showAfterStart);
  QObject::connect(workbench.dataset(), &DatasetSession::choiceNeeded, page, show);
  return page;
}

}  // namespace dw::ui
