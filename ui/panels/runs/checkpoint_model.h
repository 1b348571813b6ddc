// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QIcon>
#include <vector>

#include "session/runs/run_watch.h"

namespace dw::ui {

class RunTransfer;

/// Checkpoints of one run as a table, newest first. The column Keep may be ticked.
class CheckpointModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Step, Loss, Checked, Keep, Saved, Size, kColumns };

  explicit CheckpointModel(const RunTransfer* transfer, QObject* parent = nullptr);

  void setCheckpoints(const std::vector<CheckpointRow>& rows);
  /// What was found out about the files changed.
  void verdictsChanged();
  /// The checkpoint of a row; null if there is none.
  const CheckpointRow* at(int row) const;
  /// Whether any has a picture, so that rows need height.
  bool hasPictures() const { return !pictures_.isEmpty(); }
  static constexpr int kPicture = 40;  ///< pixels

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;

 Q_SIGNALS:
  void pinRequested(qint64 step, bool pinned);

 private:
  QString text(const CheckpointRow& row, int column) const;
  QString toolTip(const CheckpointRow& row, int column) const;
  bool isDamaged(const CheckpointRow& row) const;

  const RunTransfer* transfer_;
  std::vector<CheckpointRow> rows_;
  QHash<qint64, QIcon> pictures_;  ///< by step
};

/// A small picture from a PNG that anybody may have made; null if it is none or larger than 4096 pixels a side.
QImage previewImage(const QByteArray& png);

}  // namespace dw::ui
