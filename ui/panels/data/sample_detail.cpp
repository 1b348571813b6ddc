// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/sample_detail.h"

#include <QLabel>
#include <QResizeEvent>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

#include "numbers/number_text.h"
#include "panels/data/channel_sheet.h"
#include "panels/data/channel_table.h"
#include "session/dataset/dataset_session.h"

namespace dw::ui {

SampleDetail::SampleDetail(DatasetSession* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      title_(new QLabel),
      kind_(new QLabel),
      sheet_(new ChannelSheet),
      table_(makeChannelTable()) {
  setObjectName(QStringLiteral("sampleDetail"));
  title_->setObjectName(QStringLiteral("sampleTitle"));
  title_->setProperty("subheading", true);
  title_->setTextFormat(Qt::PlainText);
  kind_->setObjectName(QStringLiteral("sampleColours"));
  kind_->setProperty("muted", true);
  for (auto* label : {title_, kind_}) label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  table_->setObjectName(QStringLiteral("sampleTable"));
  table_->setAccessibleName(tr("Figures of each channel of this sample"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 8, 12, 8);
  column->setSpacing(4);
  column->addWidget(title_);
  column->addWidget(kind_);
  auto* scroll = new QScrollArea;
  scroll->setWidget(sheet_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->viewport()->installEventFilter(this);
  column->addSpacing(4);
  column->addWidget(scroll, 1);
  column->addWidget(table_);
  connect(sheet_, &ChannelSheet::hovered, this, &SampleDetail::hovered);
  connect(session_, &DatasetSession::sampleReady, this, &SampleDetail::take);
}

void SampleDetail::show(qint64 sample, qint64 crop) { session_->requestSample(sample, crop); }

void SampleDetail::setLook(const TileLook& look) {
  const auto channels = session_->isOpen() ? session_->source()->info().channels : 0;
  sheet_->setLook(look, channels != 1 && channels != 3);
  kind_->setText(tr("%1; channels from %2 to %3")
                     .arg(QString::fromStdString(look.projection.label), shortNumber(-static_cast<double>(look.limit)),
                          shortNumber(static_cast<double>(look.limit))));
}

bool SampleDetail::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize) sheet_->setRoom(static_cast<QResizeEvent*>(event)->size().height());
  return QWidget::eventFilter(watched, event);
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
  if (values.shown.channels < values.channels)
    title += tr(" (the first %1 of %2 channels)").arg(values.shown.channels).arg(values.channels);
  title_->setText(title);
  sheet_->setSample(values, label);
  fillChannelTable(table_, values.summaries);
}

}  // namespace dw::ui
