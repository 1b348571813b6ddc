// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/class_table.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

#include "numbers/number_text.h"
#include "panels/data/channel_table.h"
#include "session/dataset/dataset_session.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {

constexpr std::size_t kMostRows = 2000;

/// Paints UserRole, a share of 0 .. 1, as a bar.
class ShareBar : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    QRect bar = option.rect.adjusted(4, 5, -8, -5);
    bar.setWidth(std::max(1, static_cast<int>(bar.width() * index.data(Qt::UserRole).toDouble())));
    painter->fillRect(bar, theme::colorsFor(option.palette).accent);
  }
};

}  // namespace

ClassTable::ClassTable(QWidget* parent) : QTableWidget(0, 3, parent) {
  setObjectName(QStringLiteral("classTable"));
  setAccessibleName(tr("Samples of each class"));
  setHorizontalHeaderLabels({tr("class"), tr("samples"), QString()});
  horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  horizontalHeader()->setSectionResizeMode(2, QHeaderView::Stretch);
  horizontalHeader()->setHighlightSections(false);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setSelectionMode(QAbstractItemView::NoSelection);
  setFocusPolicy(Qt::NoFocus);
  setShowGrid(false);
  setItemDelegateForColumn(2, new ShareBar(this));
}

void ClassTable::fill(const DatasetSession& session, const std::vector<std::int64_t>& perClass) {
  const auto most = perClass.empty() ? 0 : *std::max_element(perClass.begin(), perClass.end());
  clearContents();
  setRowCount(static_cast<int>(std::min(perClass.size(), kMostRows)));
  for (int row = 0; row < rowCount(); ++row) {
    const auto samples = perClass[static_cast<std::size_t>(row)];
    setItem(row, 0, new QTableWidgetItem(session.labelName(row)));
    auto* number = new QTableWidgetItem(count(samples));
    number->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setItem(row, 1, number);
    auto* bar = new QTableWidgetItem;
    bar->setData(Qt::UserRole, most > 0 ? static_cast<double>(samples) / static_cast<double>(most) : 0.0);
    setItem(row, 2, bar);
  }
  fitTableToRows(this);
}

}  // namespace dw::ui
