// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/runs_filter.h"

#include <algorithm>

#include "panels/runs/runs_model.h"

namespace dw::ui {

RunsFilter::RunsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(RunsModel::SortRole);
  setSortCaseSensitivity(Qt::CaseInsensitive);
  setDynamicSortFilter(true);
}

void RunsFilter::setWords(const QString& text) {
  words_ = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

void RunsFilter::setShowArchived(bool show) {
  showArchived_ = show;
  invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const auto index = sourceModel()->index(row, 0, parent);
  if (!showArchived_ && index.data(RunsModel::ArchivedRole).toBool()) return false;
  const auto all = index.data(RunsModel::SearchRole).toString();
  return std::all_of(words_.begin(), words_.end(),
                     [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

}  // namespace dw::ui
