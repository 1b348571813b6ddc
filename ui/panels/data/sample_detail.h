// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "panels/data/tile_cache.h"
#include "session/dataset/dataset_jobs.h"

class QLabel;
class QTableWidget;

namespace dw::ui {

class ChannelSheet;
class DatasetSession;

/// One sample: its label, every channel large with shared limits, figures of each channel.
class SampleDetail : public QWidget {
  Q_OBJECT

 public:
  explicit SampleDetail(DatasetSession* session, QWidget* parent = nullptr);
  /// Asks the session for the sample; what is shown stays until the answer is there.
  void show(qint64 sample, qint64 crop);
  using QWidget::show;
  /// Paints what is shown in other colours; reads nothing.
  void setLook(const TileLook& look);
  void clear();
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  /// What is under the cursor, in words; empty when it is over nothing.
  void hovered(const QString& text);

 private:
  void take(const SampleValues& values);

  DatasetSession* session_;
  QLabel* title_;
  QLabel* kind_;
  ChannelSheet* sheet_;
  QTableWidget* table_;
};

}  // namespace dw::ui
