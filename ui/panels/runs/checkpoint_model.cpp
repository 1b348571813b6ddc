// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/checkpoint_model.h"

#include <QBuffer>
#include <QImageReader>
#include <QLocale>
#include <QPixmap>

#include "numbers/number_text.h"
#include "panels/runs/run_text.h"
#include "session/runs/run_transfer.h"
#include "theme/colors.h"

namespace dw::ui {

QImage previewImage(const QByteArray& png) {
  constexpr int kLargest = 4096;
  if (png.isEmpty()) return {};
  QBuffer buffer;
  buffer.setData(png);
  QImageReader reader(&buffer, "png");
  const auto size = reader.size();
  if (!size.isValid() || size.width() > kLargest || size.height() > kLargest) return {};
  return reader.read();
}

CheckpointModel::CheckpointModel(const RunTransfer* transfer, QObject* parent)
    : QAbstractTableModel(parent), transfer_(transfer) {}

void CheckpointModel::setCheckpoints(const std::vector<CheckpointRow>& rows) {
  beginResetModel();
  rows_.assign(rows.rbegin(), rows.rend());
  pictures_.clear();
  for (const auto& row : rows_) {
    const auto image = previewImage(row.preview);
    if (!image.isNull()) pictures_.insert(row.info.step, QIcon(QPixmap::fromImage(image)));
  }
  endResetModel();
}

void CheckpointModel::verdictsChanged() {
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, Checked), index(rowCount() - 1, Checked));
}

const CheckpointRow* CheckpointModel::at(int row) const {
  return row >= 0 && row < rowCount() ? &rows_[static_cast<std::size_t>(row)] : nullptr;
}

int CheckpointModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}
int CheckpointModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

bool CheckpointModel::isDamaged(const CheckpointRow& row) const {
  return !row.info.damage.empty() || transfer_->verdict(row.info) == RunTransfer::Verdict::Damaged;
}

QVariant CheckpointModel::data(const QModelIndex& index, int role) const {
  const auto& row = rows_[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  const auto& colors = theme::colors();
  switch (role) {
    case Qt::DisplayRole: return text(row, column);
    case Qt::AccessibleTextRole:
      if (column == Keep) return row.info.pinned ? tr("kept for good") : tr("not kept for good");
      return text(row, column);
    case Qt::ToolTipRole: return toolTip(row, column);
    case Qt::DecorationRole:
      return column == Step && pictures_.contains(row.info.step) ? QVariant(pictures_.value(row.info.step))
                                                                 : QVariant();
    case Qt::CheckStateRole:
      return column == Keep ? QVariant(row.info.pinned ? Qt::Checked : Qt::Unchecked) : QVariant();
    case Qt::ForegroundRole:
      if (column != Checked) return {};
      if (isDamaged(row)) return colors.error;
      return transfer_->verdict(row.info) == RunTransfer::Verdict::Good ? QVariant(colors.success)
                                                                        : QVariant(colors.muted);
    default: return {};
  }
}

QVariant CheckpointModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::ToolTipRole && section == Checked)
    return tr("Whether every byte was read again and is as it was written");
  if (role == Qt::ToolTipRole && section == Keep) return tr("Ticked ones are never deleted when newer ones come");
  if (role == Qt::ToolTipRole && section == Loss) return tr("Smoothed loss when it was saved");
  if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Step: return tr("Step");
    case Loss: return tr("Loss");
    case Saved: return tr("Saved");
    case Size: return tr("Size");
    case Checked: return tr("Verified");
    case Keep: return tr("Keep");
    default: return {};
  }
}

Qt::ItemFlags CheckpointModel::flags(const QModelIndex& index) const {
  const auto plain = QAbstractTableModel::flags(index);
  return index.column() == Keep ? plain | Qt::ItemIsUserCheckable : plain;
}

bool CheckpointModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || index.column() != Keep) return false;
  auto& row = rows_[static_cast<std::size_t>(index.row())];
  row.info.pinned = value.toInt() == Qt::Checked;  // shown at once; the next look at the disk has the last word
  Q_EMIT dataChanged(index, index);
  Q_EMIT pinRequested(row.info.step, row.info.pinned);
  return true;
}

QString CheckpointModel::text(const CheckpointRow& row, int column) const {
  const auto& info = row.info;
  switch (column) {
    case Step: return count(info.step);
    case Loss: return info.best ? tr("%1 best").arg(lossText(info.loss)) : lossText(info.loss);
    case Saved: return dateText(info.savedAt);
    case Size: return sizeText(info.bytes);
    case Checked:
      if (isDamaged(row)) return tr("damaged");
      return transfer_->verdict(info) == RunTransfer::Verdict::Good ? tr("✓ good") : tr("not yet");
    default: return {};
  }
}

QString CheckpointModel::toolTip(const CheckpointRow& row, int column) const {
  QString text;
  if (!row.info.damage.empty()) {
    text = QString::fromStdString(row.info.damage);
  } else if (isDamaged(row)) {
    text = transfer_->damageOf(row.info);
  } else if (column == Step) {
    text = QString::fromStdString(row.info.folder.string());
  } else if (column == Checked) {
    text = transfer_->verdict(row.info) == RunTransfer::Verdict::Good
               ? tr("Every byte was read again and is as it was written.")
               : tr("Its files have the right sizes; their contents were not read again yet. Press Verify.");
  }
  return text.isEmpty() ? QString() : QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped());
}

}  // namespace dw::ui
