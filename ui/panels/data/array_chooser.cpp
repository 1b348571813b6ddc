// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/array_chooser.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "data/axis_roles.h"
#include "numbers/number_text.h"

namespace dw::ui {
namespace {

QString shapeText(const data::sources::Candidate& candidate) {
  QStringList lengths;
  for (const auto length : candidate.shape) lengths << count(length);
  return lengths.isEmpty() ? QStringLiteral("–") : lengths.join(QStringLiteral(" × "));
}

QString nameOf(const data::sources::Candidate& candidate) {
  return candidate.name.empty() ? ArrayChooser::tr("(the only array)") : QString::fromStdString(candidate.name);
}

}  // namespace

QString candidateText(const data::sources::Candidate& candidate) {
  QStringList parts{nameOf(candidate)};
  if (!candidate.shape.empty()) parts << shapeText(candidate);
  if (!candidate.dtype.empty()) parts << QString::fromStdString(candidate.dtype);
  return parts.join(QStringLiteral(",  "));
}

DatasetChoice choiceOf(const data::sources::Candidate& candidate) {
  const bool asGuessed = !data::guessAxes(candidate.shape).empty();
  const auto usual = data::usualAxes(candidate.shape.size());
  return {QString::fromStdString(candidate.name),
          asGuessed || usual.empty() ? QString() : QString::fromStdString(usual.front())};
}

ArrayChooser::ArrayChooser(QWidget* parent)
    : QWidget(parent),
      title_(new QLabel),
      sentence_(new QLabel),
      table_(new QTableWidget(0, 3)),
      open_(new QPushButton(tr("Open this array"))) {
  setObjectName(QStringLiteral("arrayChooser"));
  title_->setProperty("heading", true);
  title_->setTextFormat(Qt::PlainText);
  title_->setWordWrap(true);
  sentence_->setObjectName(QStringLiteral("arraySentence"));
  sentence_->setProperty("muted", true);
  sentence_->setTextFormat(Qt::PlainText);
  sentence_->setWordWrap(true);
  table_->setObjectName(QStringLiteral("arrayTable"));
  table_->setAccessibleName(tr("Arrays of the file"));
  table_->setHorizontalHeaderLabels({tr("array"), tr("shape"), tr("type")});
  table_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  for (const int column : {1, 2})
    table_->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft);
  table_->verticalHeader()->hide();
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  open_->setObjectName(QStringLiteral("arrayOpen"));
  open_->setProperty("primary", true);
  open_->setAutoDefault(true);
  auto* cancel = new QPushButton(tr("Cancel"));
  cancel->setObjectName(QStringLiteral("arrayCancel"));
  auto* row = new QHBoxLayout;
  row->addWidget(open_);
  row->addWidget(cancel);
  row->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(32, 32, 32, 32);
  column->setSpacing(8);
  column->addWidget(title_);
  column->addWidget(sentence_);
  column->addWidget(table_, 1);
  column->addLayout(row);
  connect(table_, &QTableWidget::itemSelectionChanged, this,
          [this] { open_->setEnabled(!table_->selectedItems().isEmpty()); });
  connect(table_, &QTableWidget::itemActivated, this, &ArrayChooser::accept);
  connect(open_, &QPushButton::clicked, this, &ArrayChooser::accept);
  connect(cancel, &QPushButton::clicked, this, &ArrayChooser::cancelled);
}

void ArrayChooser::ask(const QString& path, const QString& sentence,
                       const std::vector<data::sources::Candidate>& candidates) {
  path_ = path;
  candidates_ = candidates;
  // What can be opened stands first; otherwise as in the file.
  std::stable_partition(candidates_.begin(), candidates_.end(), [](const auto& one) { return one.fits; });
  title_->setText(tr("Which array of “%1” is the dataset?").arg(QFileInfo(path).fileName()));
  sentence_->setText(sentence);
  fill();
  table_->setFocus();
}

void ArrayChooser::fill() {
  table_->clearContents();
  table_->setRowCount(static_cast<int>(candidates_.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const auto& one = candidates_[static_cast<std::size_t>(row)];
    const QString type = one.dtype.empty() ? tr("not readable") : QString::fromStdString(one.dtype);
    const QStringList texts{nameOf(one), shapeText(one), type};
    for (int column = 0; column < texts.size(); ++column) {
      auto* item = new QTableWidgetItem(texts[column]);
      item->setFlags(one.fits ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags);
      if (!one.fits) item->setToolTip(tr("Not a row of latents: these are floating numbers on three to five axes"));
      table_->setItem(row, column, item);
    }
  }
  table_->selectRow(0);
}

void ArrayChooser::accept() {
  const int row = table_->currentRow();
  if (row < 0 || static_cast<std::size_t>(row) >= candidates_.size() ||
      !candidates_[static_cast<std::size_t>(row)].fits)
    return;
  Q_EMIT chosen(path_, choiceOf(candidates_[static_cast<std::size_t>(row)]));
}

}  // namespace dw::ui
