// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/data_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include "panels/data/check_up_view.h"
#include "panels/data/pixels.h"
#include "panels/data/sample_detail.h"
#include "panels/data/sample_grid.h"
#include "panels/data/view_bar.h"
#include "session/dataset_session.h"
#include "theme/icons.h"

namespace dw::ui {

DataPage::DataPage(DatasetSession* session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("dataPage"));
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty());
  stack_->addWidget(buildContent());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(stack_);
  connectAll();
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

QWidget* DataPage::buildContent() {
  name_ = new QLabel;
  name_->setObjectName(QStringLiteral("dataName"));
  name_->setProperty("subheading", true);
  name_->setTextFormat(Qt::PlainText);
  name_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  name_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // a long path must not widen the window
  facts_ = new QLabel;
  facts_->setObjectName(QStringLiteral("dataFacts"));
  facts_->setProperty("muted", true);
  facts_->setTextFormat(Qt::PlainText);
  facts_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  bar_ = new ViewBar;
  grid_ = new SampleGrid(session_);
  detail_ = new SampleDetail(session_);
  checkUp_ = new CheckUpView(session_);
  side_ = new QTabWidget;
  side_->setObjectName(QStringLiteral("dataSide"));
  side_->setDocumentMode(true);
  side_->addTab(detail_, tr("Sample"));
  auto* scroll = new QScrollArea;
  scroll->setWidget(checkUp_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  side_->addTab(scroll, tr("Check-up"));
  auto* splitter = new QSplitter;
  splitter->addWidget(grid_);
  splitter->addWidget(side_);
  splitter->setStretchFactor(0, 1);
  splitter->setCollapsible(0, false);
  splitter->setSizes({760, 400});
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(16, 12, 0, 0);
  column->setSpacing(4);
  auto* top = new QVBoxLayout;  // the splitter below reaches the edge of the window, these lines do not
  top->setContentsMargins(0, 0, 16, 0);
  top->setSpacing(4);
  top->addWidget(name_);
  top->addWidget(facts_);
  top->addSpacing(4);
  top->addWidget(bar_);
  column->addLayout(top);
  column->addSpacing(4);
  column->addWidget(splitter, 1);
  return page;
}

void DataPage::connectAll() {
  connect(session_, &DatasetSession::opened, this, &DataPage::showDataset);
  connect(session_, &DatasetSession::closed, this, [this] {
    grid_->reset();
    detail_->clear();
    stack_->setCurrentIndex(0);
  });
  connect(bar_, &ViewBar::changed, this, [this](const ViewOptions& options) {
    grid_->setOptions(options);
    showCurrent();
  });
  connect(grid_, &SampleGrid::currentChanged, this, [this] {
    side_->setCurrentIndex(0);
    showCurrent();
  });
  connect(checkUp_, &CheckUpView::scaleChosen, this, &DataPage::scaleChosen);
  connect(session_, &DatasetSession::checkUpDone, this, [this] {
    const auto findings = session_->checkUp()->problems.size();
    side_->setTabText(1, findings == 0 ? tr("Check-up ✓") : tr("Check-up (%1)").arg(findings));
  });
}

void DataPage::showDataset() {
  showHeader();
  side_->setTabText(1, tr("Check-up …"));
  side_->setCurrentIndex(0);
  bar_->setDataset(session_->source()->info(), session_->quickLook().limit);
  grid_->setOptions(bar_->options());
  grid_->reset();
  stack_->setCurrentIndex(1);
  showCurrent();
}

void DataPage::showCurrent() {
  if (grid_->current() >= 0) detail_->show(grid_->current(), bar_->options().crop, bar_->options().limit);
}

void DataPage::showHeader() {
  const auto& info = session_->source()->info();
  QString name = session_->path() == QLatin1String("demo") ? tr("Demo data: pictures of coloured shapes, made by this program")
                                                           : session_->path();
  if (!info.dataset.empty()) name += tr("  (dataset “%1”)").arg(QString::fromStdString(info.dataset));
  name_->setText(name);
  name_->setToolTip(QString::fromStdString(info.path.string()));
  QStringList axes{tr("%1 samples").arg(count(info.samples))};
  if (info.hasCropAxis) axes << tr("%1 crops").arg(count(info.crops));
  axes << tr("%1 channels").arg(count(info.channels)) << tr("%1 high").arg(count(info.height)) << tr("%1 wide").arg(count(info.width));
  QStringList facts{axes.join(QStringLiteral(" × ")) + (info.hasCropAxis ? tr("  (B, T, C, H, W)") : tr("  (B, C, H, W)")),
                    QString::fromStdString(info.dtype)};
  if (info.bytes > 0) facts << fileSize(info.bytes);
  if (info.classes > 0) {
    QStringList names;
    for (const auto& one : info.classNames) names << QString::fromStdString(one);
    facts << tr("%1 labels").arg(count(info.classes)) +
                 (names.isEmpty() || names.size() > 12 ? QString() : QStringLiteral(": ") + names.join(QStringLiteral(", ")));
  } else {
    facts << tr("no labels");
  }
  facts_->setText(facts.join(QStringLiteral("   ·   ")));
  facts_->setToolTip(facts_->text());
}

}  // namespace dw::ui
