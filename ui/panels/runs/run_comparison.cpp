// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/run_comparison.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include "run_library/recipe_difference.h"

namespace dw::ui {

RunComparison::RunComparison(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("runComparison"));
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("comparisonTitle"));
  title_->setProperty("subheading", true);
  sentence_ = new QLabel;
  sentence_->setObjectName(QStringLiteral("comparisonSentence"));
  sentence_->setTextFormat(Qt::PlainText);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  sentence_->setWordWrap(true);
  table_ = new QTableWidget(0, 3);
  table_->setObjectName(QStringLiteral("comparisonTable"));
  table_->setAccessibleName(tr("Settings in which the two runs differ"));
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(title_);
  column->addWidget(sentence_);
  column->addWidget(table_, 1);
  column->addStretch(0);
}

void RunComparison::setRuns(const std::vector<run_library::RunSummary>& runs) {
  title_->setText(tr("%n runs selected", nullptr, static_cast<int>(runs.size())));
  table_->setRowCount(0);
  table_->setVisible(false);
  if (runs.size() != 2)
    return sentence_->setText(
        tr("Their losses are drawn in one chart. Select two to see what differs in their recipes."));
  const auto &a = runs[0], &b = runs[1];
  const auto name = [](const run_library::RunSummary& run) { return QString::fromStdString(run.name); };
  if (!a.recipe || !b.recipe) {
    return sentence_->setText(
        tr("The recipe of %1 cannot be read, so the two cannot be compared.").arg(name(a.recipe ? b : a)));
  }
  const auto difference = run_library::differenceOf(*a.recipe, *b.recipe);
  QString text = QString::fromStdString(run_library::sentenceOf(difference));
  if (a.dataset != b.dataset) text += tr("; they were trained on different data");
  sentence_->setText(text);
  table_->setHorizontalHeaderLabels({tr("Setting"), name(a), name(b)});
  for (int section = 1; section < 3; ++section)
    table_->horizontalHeaderItem(section)->setToolTip(name(section == 1 ? a : b).toHtmlEscaped());
  table_->setRowCount(static_cast<int>(difference.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const auto& field = difference[static_cast<std::size_t>(row)];
    int column = 0;
    for (const auto* cell : {&field.key, &field.a, &field.b})
      table_->setItem(row, column++, new QTableWidgetItem(QString::fromStdString(*cell)));
  }
  table_->setVisible(!difference.empty());
}

}  // namespace dw::ui
