// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/channel_table.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QTableWidget>
#include <algorithm>

#include "numbers/number_text.h"

namespace dw::ui {
namespace {
QString words(const char* text) { return QCoreApplication::translate("ChannelTable", text); }
}  // namespace

QTableWidget* makeChannelTable() {
  auto* table = new QTableWidget(0, 5);
  table->setHorizontalHeaderLabels({words("channel"), words("mean"), words("std"), words("min"), words("max")});
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);  // "2 (120 not finite)"
  table->horizontalHeader()->setHighlightSections(false);
  for (int column = 0; column < table->columnCount(); ++column) {  // above its numbers
    table->horizontalHeaderItem(column)->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight) |
                                                          Qt::AlignVCenter);
  }
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 6);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionMode(QAbstractItemView::NoSelection);
  table->setFocusPolicy(Qt::NoFocus);
  table->setAlternatingRowColors(true);
  table->setShowGrid(false);
  return table;
}

void fillChannelTable(QTableWidget* table, const std::vector<ChannelSummary>& channels) {
  table->setRowCount(static_cast<int>(channels.size()));
  for (int row = 0; row < table->rowCount(); ++row) {
    const auto& c = channels[static_cast<std::size_t>(row)];
    const QString name =
        c.notFinite > 0 ? words("%1 (%2 not finite)").arg(row).arg(count(c.notFinite)) : QString::number(row);
    const QStringList texts{name, shortNumber(c.mean), shortNumber(c.std), shortNumber(c.min), shortNumber(c.max)};
    for (int column = 0; column < texts.size(); ++column) {
      auto* item = new QTableWidgetItem(texts[column]);
      item->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
      table->setItem(row, column, item);
    }
  }
  fitTableToRows(table);
}

void fitTableToRows(QTableWidget* table) {
  const int rows = std::min(8, table->rowCount());
  table->setFixedHeight(table->horizontalHeader()->sizeHint().height() +
                        rows * table->verticalHeader()->defaultSectionSize() + 4);
}

}  // namespace dw::ui
