// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "session/dataset_jobs.h"

class QLabel;
class QTableWidget;

namespace dw::ui {

class ChannelSheet;
class DatasetSession;

/// One sample: its label, every channel large with shared limits, the value under the cursor, figures of each channel.
class SampleDetail : public QWidget {
  Q_OBJECT

 public:
  explicit SampleDetail(DatasetSession* session, QWidget* parent = nullptr);
  /// Asks the session for the sample; what is shown stays until the answer is there.
  void show(qint64 sample, qint64 crop, float limit);
  using QWidget::show;
  void clear();

 private:
  void take(const SampleValues& values);

  DatasetSession* session_;
  QLabel* title_;
  ChannelSheet* sheet_;
  QLabel* legend_;
  QLabel* legendLow_;
  QLabel* legendHigh_;
  QLabel* readout_;
  QTableWidget* table_;
  float limit_ = 1.0F;
};

/// Fills a table "channel | mean | std | min | max" and names what is not finite. Shared with the check-up.
void fillChannelTable(QTableWidget* table, const std::vector<ChannelSummary>& channels);
QTableWidget* makeChannelTable();

}  // namespace dw::ui
