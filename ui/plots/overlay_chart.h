// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <memory>
#include <vector>

#include "plots/loss_data.h"
#include "plots/overlay_plot.h"
#include "plots/qcp.h"

namespace dw::ui {

/// The drawing of an OverlayPlot: smoothed losses of several runs on one step axis, told apart by colour and dash, with a
/// legend. One run alone shows its single steps behind the smoothed curve as well.
class OverlayChart : public QCustomPlot {
  Q_OBJECT

 public:
  explicit OverlayChart(QWidget* parent = nullptr);

  void setRuns(const QList<OverlayRun>& runs);
  void setHistory(const QString& key, const MetricsHistory& history);
  void append(const QString& key, const MetricsHistory& history, std::size_t from);
  std::size_t pointCount(const QString& key) const;
  bool isEmpty() const;
  void setLogY(bool on);
  /// Fits all curves and keeps fitting as they grow. On a linear axis one that flies off leaves the chart at the top.
  void follow();

 Q_SIGNALS:
  void followingChanged(bool following);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void updateLayout() override;

 private:
  struct Curve {
    OverlayRun run;
    LossData data;
    QCPGraph* graph = nullptr;
  };
  Curve* curveOf(const QString& key) const;
  void rebuild();
  void userMoved();
  void beforeDrawing();
  void fit();

  std::vector<std::unique_ptr<Curve>> curves_;
  QCPGraph* steps_ = nullptr;  ///< the single steps of the only run
  bool following_ = true, fitting_ = false;
};

}  // namespace dw::ui
