// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>

namespace dw::ui {

/// Sorts a RunsModel, hides archived runs unless asked, and keeps rows that hold every word of a text.
class RunsFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit RunsFilter(QObject* parent = nullptr);
  void setWords(const QString& text);
  void setShowArchived(bool show);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  QStringList words_;
  bool showArchived_ = false;
};

}  // namespace dw::ui
