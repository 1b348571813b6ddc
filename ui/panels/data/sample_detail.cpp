// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/sample_detail.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

#include "panels/data/channel_sheet.h"
#include "panels/data/pixels.h"
#include "session/dataset_session.h"

namespace dw::ui {
namespace {
constexpr int kLegendWidth = 120;
}

QTableWidget* makeChannelTable() {
  auto* table = new QTableWidget(0, 5);
  table->setHorizontalHeaderLabels({SampleDetail::tr("channel"), SampleDetail::tr("mean"), SampleDetail::tr("std"),
                                    SampleDetail::tr("min"), SampleDetail::tr("max")});
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table->horizontalHeader()->setHighlightSections(false);
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
    const QString name = c.notFinite > 0 ? SampleDetail::tr("%1 (%2 not finite)").arg(row).arg(count(c.notFinite)) : QString::number(row);
    const QStringList texts{name, shortNumber(c.mean), shortNumber(c.std), shortNumber(c.min), shortNumber(c.max)};
    for (int column = 0; column < texts.size(); ++column) {
      auto* item = new QTableWidgetItem(texts[column]);
      item->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
      table->setItem(row, column, item);
    }
  }
  // As high as its rows, up to eight of them: fewer would leave a white hole, more would push the rest away.
  const int rows = std::min(8, table->rowCount());
  table->setFixedHeight(table->horizontalHeader()->sizeHint().height() + rows * table->verticalHeader()->defaultSectionSize() + 4);
}

SampleDetail::SampleDetail(DatasetSession* session, QWidget* parent)
    : QWidget(parent), session_(session), title_(new QLabel), sheet_(new ChannelSheet), legend_(new QLabel),
      legendLow_(new QLabel), legendHigh_(new QLabel), readout_(new QLabel), table_(makeChannelTable()) {
  setObjectName(QStringLiteral("sampleDetail"));
  title_->setObjectName(QStringLiteral("sampleTitle"));
  title_->setProperty("subheading", true);
  title_->setTextFormat(Qt::PlainText);
  readout_->setObjectName(QStringLiteral("readout"));
  readout_->setProperty("muted", true);
  table_->setObjectName(QStringLiteral("sampleTable"));
  table_->setAccessibleName(tr("Figures of each channel of this sample"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(8);
  column->addWidget(title_);
  auto* scroll = new QScrollArea;
  scroll->setWidget(sheet_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(scroll, 1);
  auto* scale = new QHBoxLayout;
  scale->setSpacing(6);
  scale->addWidget(legendLow_);
  scale->addWidget(legend_);
  scale->addWidget(legendHigh_);
  scale->addStretch(1);
  column->addLayout(scale);
  column->addWidget(readout_);
  column->addWidget(table_);
  legend_->setPixmap(pixmapFrom(PreviewMaker::legend(kLegendWidth)).scaled(kLegendWidth, 10));
  legend_->setAccessibleName(tr("Colours of the values"));
  connect(sheet_, &ChannelSheet::hovered, readout_, [this](const QString& text) {
    readout_->setText(text.isEmpty() ? tr("Point at a picture to read its values.") : text);
  });
  connect(session_, &DatasetSession::sampleReady, this, &SampleDetail::take);
}

void SampleDetail::show(qint64 sample, qint64 crop, float limit) {
  limit_ = limit;
  session_->requestSample(sample, crop, limit);
}

void SampleDetail::clear() {
  title_->clear();
  sheet_->clear();
  table_->setRowCount(0);
}

void SampleDetail::take(const SampleValues& values) {
  QString title = tr("Sample %1").arg(count(values.sample));
  const QString label = session_->labelOf(values.sample);
  if (!label.isEmpty()) title += QStringLiteral(", ") + label;
  if (session_->isOpen() && session_->source()->info().crops > 1) {
    title += tr(", crop %1 of %2").arg(values.crop + 1).arg(session_->source()->info().crops);
  }
  if (static_cast<std::int64_t>(values.pictures.size()) < values.channels) {
    title += tr(" (the first %1 of %2 channels)").arg(values.pictures.size()).arg(values.channels);
  }
  title_->setText(title);
  sheet_->setSample(values);
  legendLow_->setText(shortNumber(-static_cast<double>(limit_)));
  legendHigh_->setText(shortNumber(static_cast<double>(limit_)));
  readout_->setText(tr("Point at a picture to read its values."));
  fillChannelTable(table_, values.summaries);
}

}  // namespace dw::ui
