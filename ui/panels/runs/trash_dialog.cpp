// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/trash_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "panels/runs/run_text.h"
#include "session/runs/run_transfer.h"
#include "session/runs/runs_session.h"

namespace dw::ui {
namespace {

constexpr QSize kSize(560, 320);

std::uint64_t bytesOf(const std::vector<run_library::TrashedRun>& some) {
  std::uint64_t sum = 0;
  for (const auto& run : some) sum += run.bytes;
  return sum;
}

QPushButton* button(const char* name, const QString& text) {
  auto* made = new QPushButton(text);
  made->setObjectName(QLatin1String(name));
  made->setAutoDefault(false);
  return made;
}

}  // namespace

TrashDialog::TrashDialog(RunsSession* session, RunTransfer* transfer, QWidget* parent)
    : QDialog(parent), session_(session), transfer_(transfer) {
  setObjectName(QStringLiteral("trashDialog"));
  setWindowTitle(tr("Trash"));
  setAttribute(Qt::WA_DeleteOnClose);
  resize(kSize);
  layOut();
  connect(table_, &QTableWidget::itemSelectionChanged, this, &TrashDialog::showButtons);
  connect(restore_, &QPushButton::clicked, this, [this] {
    for (const auto& run : chosen()) session_->restore(QString::fromStdString(run.folder.string()));
  });
  connect(delete_, &QPushButton::clicked, this, [this] { ask(chosen()); });
  connect(empty_, &QPushButton::clicked, this, [this] { ask(all_); });
  connect(session_, &RunsSession::trashRead, this, &TrashDialog::take);
  connect(session_, &RunsSession::restored, session_, &RunsSession::readTrash);
  connect(transfer_, &RunTransfer::started, this, &TrashDialog::showButtons);
  connect(transfer_, &RunTransfer::ended, this, [this] {
    showButtons();
    session_->readTrash();
  });
  take({});
  total_->setText(tr("Reading…"));
  session_->readTrash();
}

void TrashDialog::layOut() {
  table_ = new QTableWidget(0, 3);
  table_->setObjectName(QStringLiteral("trashTable"));
  table_->setAccessibleName(tr("Runs in the trash"));
  table_->setHorizontalHeaderLabels({tr("Name"), tr("Deleted"), tr("Size")});
  table_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  for (const int column : {1, 2})
    table_->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->verticalHeader()->hide();
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  total_ = new QLabel;
  total_->setObjectName(QStringLiteral("trashTotal"));
  total_->setProperty("muted", true);
  restore_ = button("trashRestore", tr("Bring back"));
  delete_ = button("trashDelete", tr("Delete for good…"));
  empty_ = button("trashEmpty", tr("Empty the trash…"));
  auto* close = button("trashClose", tr("Close"));
  connect(close, &QPushButton::clicked, this, &QDialog::reject);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  for (auto* one : {restore_, delete_, empty_}) row->addWidget(one);
  row->addStretch(1);
  row->addWidget(close);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(24, 20, 24, 20);
  column->setSpacing(12);
  column->addWidget(table_, 1);
  column->addWidget(total_);
  column->addLayout(row);
}

void TrashDialog::take(const std::vector<run_library::TrashedRun>& all) {
  all_ = all;
  table_->setRowCount(static_cast<int>(all.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const auto& run = all[static_cast<std::size_t>(row)];
    table_->setItem(row, 0, new QTableWidgetItem(QString::fromStdString(run.name)));
    table_->setItem(row, 1, new QTableWidgetItem(dateText(run.deleted)));
    table_->setItem(row, 2, new QTableWidgetItem(sizeText(run.bytes)));
  }
  total_->setText(all.empty() ? tr("The trash is empty.") : tr("%1 in the trash").arg(sizeText(bytesOf(all))));
  showButtons();
}

std::vector<run_library::TrashedRun> TrashDialog::chosen() const {
  std::vector<run_library::TrashedRun> some;
  for (const auto& index : table_->selectionModel()->selectedRows())
    some.push_back(all_[static_cast<std::size_t>(index.row())]);
  return some;
}

void TrashDialog::showButtons() {
  const bool any = !table_->selectionModel()->selectedRows().isEmpty();
  restore_->setEnabled(any);
  delete_->setEnabled(any && !transfer_->isBusy());
  empty_->setEnabled(!all_.empty() && !transfer_->isBusy());
}

void TrashDialog::ask(const std::vector<run_library::TrashedRun>& which) {
  if (which.empty() || question_) return;
  const auto count = static_cast<int>(which.size());
  question_ = new QMessageBox(QMessageBox::Warning, tr("Delete for good"),
                              tr("Delete %n runs for good? They cannot be brought back.", nullptr, count),
                              QMessageBox::Cancel, this);
  question_->setObjectName(QStringLiteral("trashQuestion"));
  question_->setInformativeText(tr("%1 become free on the disk.").arg(sizeText(bytesOf(which))));
  auto* go = question_->addButton(tr("Delete"), QMessageBox::DestructiveRole);
  go->setObjectName(QStringLiteral("trashReally"));
  question_->setDefaultButton(QMessageBox::Cancel);
  question_->setAttribute(Qt::WA_DeleteOnClose);
  connect(go, &QPushButton::clicked, this, [this, which] { transfer_->deleteForGood(which); });
  question_->open();
}

}  // namespace dw::ui
