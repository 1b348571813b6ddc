// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace dw::ui {

class RunsFilter;
class RunsModel;
class RunsSession;

/// The table of all runs with its filter box, and what to do where there is none.
class RunsList : public QWidget {
  Q_OBJECT

 public:
  explicit RunsList(RunsSession* session, QWidget* parent = nullptr);

  /// Folders of the selected runs, in the order of the table.
  QStringList selected() const;
  /// Selects this run alone, as soon as it is in the list.
  void select(const QString& folder);

 Q_SIGNALS:
  void selectionChanged();
  void importRequested();
  void trashRequested();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildTable();
  void layOut(QWidget* trash);
  void takeList();
  void showEmpty();

  RunsSession* session_;
  RunsModel* model_ = nullptr;
  RunsFilter* filter_ = nullptr;
  QTableView* table_ = nullptr;
  QLineEdit* words_ = nullptr;
  QCheckBox* archived_ = nullptr;
  QPushButton* import_ = nullptr;
  QLabel* empty_ = nullptr;
  QString wanted_;  ///< to be selected when it comes
};

}  // namespace dw::ui
