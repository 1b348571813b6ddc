// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/runs_model.h"

#include <QColor>
#include <limits>
#include <map>

#include "panels/runs/run_text.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {

bool isNumber(int column) {
  return column == RunsModel::Steps || column == RunsModel::Loss || column == RunsModel::Best ||
         column == RunsModel::Size;
}

QVariant stateColor(const run_library::RunSummary& run) {
  const auto& colors = theme::colors();
  if (run_folder::isLive(run.state)) return colors.accent;
  switch (run.state) {
    case run_folder::RunState::Failed:
    case run_folder::RunState::Damaged: return colors.error;
    case run_folder::RunState::Interrupted:
    case run_folder::RunState::Incomplete:
    case run_folder::RunState::NewerFormat: return colors.warning;
    default: return {};
  }
}

}  // namespace

void RunsModel::setRuns(const std::vector<run_library::RunSummary>& runs) {
  std::map<std::filesystem::path, const run_library::RunSummary*> news;
  for (const auto& run : runs) news.emplace(run.folder, &run);
  for (int row = rowCount() - 1; row >= 0; --row) {
    if (news.contains(rows_[static_cast<std::size_t>(row)].folder)) continue;
    beginRemoveRows({}, row, row);
    rows_.erase(rows_.begin() + row);
    endRemoveRows();
  }
  for (auto& row : rows_) {
    row = *news.at(row.folder);
    news.erase(row.folder);
  }
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
  if (news.empty()) return;
  beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(news.size()) - 1);
  for (const auto& run : runs) {
    if (news.contains(run.folder)) rows_.push_back(run);
  }
  endInsertRows();
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}
int RunsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  const auto& run = rows_[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole: return text(run, column);
    case Qt::ToolTipRole: return toolTip(run, column);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumber(column) ? Qt::AlignRight : Qt::AlignLeft)));
    case Qt::ForegroundRole:
      if (run.archived) return theme::colors().muted;
      return column == State ? stateColor(run) : QVariant();
    case FolderRole: return QString::fromStdString(run.folder.string());
    case SortRole: return sortValue(run, column);
    case ArchivedRole: return run.archived;
    case SearchRole: {
      QString all = QString::fromStdString(run.note);
      for (const int part : {Name, State, Data, Recipe}) all += QLatin1Char('\n') + text(run, part);
      return all;
    }
    default: return {};
  }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumber(section) ? Qt::AlignRight : Qt::AlignLeft)));
  }
  if (role == Qt::ToolTipRole && section == Loss) return tr("Smoothed loss of the last steps");
  if (role == Qt::ToolTipRole && section == Best) return tr("Lowest smoothed loss");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Name");
    case State: return tr("State");
    case Steps: return tr("Steps");
    case Loss: return tr("Loss");
    case Best: return tr("Best");
    case Size: return tr("Size");
    case Data: return tr("Data");
    case Recipe: return tr("Recipe");
    default: return tr("Started");
  }
}

QString RunsModel::text(const run_library::RunSummary& run, int column) {
  switch (column) {
    case Name: return QString::fromStdString(run.name);
    case State: return stateText(run.state, run.ofThisProcess);
    case Steps: return stepsText(run.stepsDone, run.stepsPlanned);
    case Loss: return lossText(run.smoothedLoss ? run.smoothedLoss : run.lastLoss);
    case Best: return lossText(run.bestLoss);
    case Size: return sizeText(run.bytes);
    case Data: return datasetText(run.dataset);
    case Recipe: return run.recipeName.empty() ? QStringLiteral("-") : QString::fromStdString(run.recipeName);
    default: return dateText(run.created);
  }
}

QVariant RunsModel::sortValue(const run_library::RunSummary& run, int column) {
  constexpr double kUnknown = std::numeric_limits<double>::max();
  switch (column) {
    case Steps: return static_cast<qlonglong>(run.stepsDone);
    case Loss: return run.smoothedLoss.value_or(run.lastLoss.value_or(kUnknown));
    case Best: return run.bestLoss.value_or(kUnknown);
    case Size: return static_cast<qulonglong>(run.bytes.value_or(0));
    case Started: return static_cast<qlonglong>(run.created);
    default: return text(run, column);
  }
}

QString RunsModel::toolTip(const run_library::RunSummary& run, int column) {
  QStringList lines;
  if (column == State || !run.missing.empty()) lines += stateExplained(run.state, run.ofThisProcess);
  if (!run.stateDetail.empty()) lines += QString::fromStdString(run.stateDetail);
  if (!run.missing.empty()) lines += QString::fromStdString(run.missing);
  if (column == Name && !run.note.empty()) lines += QString::fromStdString(run.note).left(500);
  if (column == Data) lines += QString::fromStdString(run.dataset);
  // Escaped: file names and notes are anybody's, and a tool tip takes what looks like markup for markup.
  return lines.isEmpty()
             ? QString()
             : QStringLiteral("<p>") +
                   lines.join(QLatin1Char('\n')).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")) +
                   QStringLiteral("</p>");
}

}  // namespace dw::ui
