// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/runs_list.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "panels/runs/runs_filter.h"
#include "panels/runs/runs_model.h"
#include "session/runs/runs_session.h"
#include "theme/icons.h"

namespace dw::ui {

RunsList::RunsList(RunsSession* session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("runsList"));
  words_ = new QLineEdit;
  words_->setObjectName(QStringLiteral("runsFilter"));
  words_->setAccessibleName(tr("Filter the runs"));
  words_->setPlaceholderText(tr("Filter by name, data, recipe, state or note"));
  words_->setClearButtonEnabled(true);
  archived_ = new QCheckBox(tr("Archived too"));
  archived_->setObjectName(QStringLiteral("showArchived"));
  archived_->setToolTip(tr("Show the runs that were put away, too"));
  import_ = new QPushButton(tr("Import…"));
  import_->setObjectName(QStringLiteral("importRun"));
  import_->setToolTip(tr("Add a run from a file that \"Export as one file\" made, here or elsewhere"));
  auto* trash = new QPushButton(tr("Trash…"));
  trash->setObjectName(QStringLiteral("openTrash"));
  trash->setToolTip(tr("Runs that were moved to the trash: bring them back, or delete them for good"));
  buildTable();
  empty_ = new QLabel(table_->viewport());
  empty_->setObjectName(QStringLiteral("runsEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
  layOut(trash);
  connect(trash, &QPushButton::clicked, this, &RunsList::trashRequested);
  connect(words_, &QLineEdit::textChanged, this, [this](const QString& text) {
    filter_->setWords(text);
    showEmpty();
  });
  connect(archived_, &QCheckBox::toggled, this, [this](bool on) {
    filter_->setShowArchived(on);
    showEmpty();
  });
  connect(import_, &QPushButton::clicked, this, &RunsList::importRequested);
  connect(session_, &RunsSession::listed, this, &RunsList::takeList);
  takeList();
}

void RunsList::buildTable() {
  model_ = new RunsModel(this);
  filter_ = new RunsFilter(this);
  filter_->setSourceModel(model_);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("runsTable"));
  table_->setAccessibleName(tr("Runs"));
  table_->setModel(filter_);
  table_->setSortingEnabled(true);
  table_->sortByColumn(RunsModel::Started, Qt::DescendingOrder);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setWordWrap(false);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->verticalHeader()->hide();
  const auto line = fontMetrics().height() + 8;
  table_->verticalHeader()->setDefaultSectionSize(line);
  table_->verticalHeader()->setMinimumSectionSize(line);
  auto* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  const auto width = [this](const char* sample) { return fontMetrics().horizontalAdvance(QLatin1String(sample)) + 16; };
  for (const auto& [column, sample] : {std::pair{RunsModel::Name, "20260101-quick-demo-1"},
                                       {RunsModel::State, "Training elsewhere"},
                                       {RunsModel::Steps, "10,000 of 10,000"},
                                       {RunsModel::Loss, "0.00000"},
                                       {RunsModel::Best, "0.00000"},
                                       {RunsModel::Size, "000.0 MB"},
                                       {RunsModel::Data, "cifar-latents.h5"},
                                       {RunsModel::Recipe, "quickest"},
                                       {RunsModel::Started, "0000-00-00 00:00"}}) {
    header->resizeSection(column, width(sample));
  }
  header->setStretchLastSection(true);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsList::selectionChanged);
}

void RunsList::layOut(QWidget* trash) {
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(words_, 1);
  top->addWidget(archived_);
  top->addWidget(import_);
  top->addWidget(trash);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(top);
  column->addWidget(table_, 1);
}

QStringList RunsList::selected() const {
  auto rows = table_->selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
  QStringList folders;
  for (const auto& row : rows) folders.append(row.data(RunsModel::FolderRole).toString());
  return folders;
}

void RunsList::select(const QString& folder) {
  wanted_ = folder;
  for (int row = 0; row < filter_->rowCount(); ++row) {
    const auto index = filter_->index(row, 0);
    if (index.data(RunsModel::FolderRole).toString() != folder) continue;
    wanted_.clear();
    table_->setCurrentIndex(index);
    table_->selectRow(row);
    table_->scrollTo(index);
    return;
  }
}

void RunsList::takeList() {
  model_->setRuns(session_->all());
  if (!wanted_.isEmpty()) select(wanted_);
  showEmpty();
}

void RunsList::showEmpty() {
  QString text;
  if (!session_->isListed()) {
    text = tr("Reading the list of runs…");
  } else if (model_->rowCount() == 0) {
    text = tr("There are no runs yet. Open data, press Train, and the run appears here. Or import one from a file.");
  } else if (filter_->rowCount() == 0) {
    text = words_->text().isEmpty() ? tr("All runs are archived. Tick \"Archived too\" to see them.")
                                    : tr("No run has these words. Clear the filter to see all of them.");
  }
  empty_->setText(text);
  empty_->setVisible(!text.isEmpty());
  resizeEvent(nullptr);
}

void RunsList::resizeEvent(QResizeEvent* event) {
  if (event != nullptr) QWidget::resizeEvent(event);
  layout()->activate();
  empty_->setGeometry(table_->viewport()->rect().adjusted(24, 8, -24, -8));
}

}  // namespace dw::ui
