// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

#include "cards/card_stack.h"
#include "weights/weight_export.h"

class QLabel;
class QStackedWidget;

namespace dw::ui {

class OverlayPlot;
class PageHost;
class RunComparison;
class RunDetail;
class RunTransfer;
class RunWatch;
class RunsList;
class RunsSession;
class Workbench;

/// Runs page: the list above, the losses of the selected runs under it, and beside them the selected run, or what differs
/// between the selected ones.
class RunsPage : public QWidget {
  Q_OBJECT

 public:
  static constexpr int kMostCurves = 6;

  RunsPage(RunsSession* session, RunTransfer* transfer, QWidget* parent = nullptr);

  /// Selects this run alone, as soon as it is in the list.
  void select(const QString& folder);
  void exportTo(const QString& folder, int what, const QString& target);
  void exportWeightsTo(const QString& checkpoint, const weights::WeightExport& how, const QString& file);
  void importFrom(const QString& file);

 Q_SIGNALS:
  /// totalSteps: beyond the planned end; 0 = as planned.
  void resumeRequested(const QString& folder, qint64 totalSteps);
  /// A new run shall begin from this checkpoint. The button is there only if something is connected.
  void branchRequested(const QString& checkpointFolder);
  /// Samples shall be drawn from this checkpoint. The button is there only if something is connected.
  void samplesRequested(const QString& checkpointFolder);
  void cardRaised(const dw::ui::Card& card);
  void cardDropped(const QString& id);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void layOut();
  void connectSession();
  void connectTransfer();
  void takeSelection();
  void takeWatches(const QStringList& folders);
  void showSide();
  void askForTarget(const QString& folder, int what);
  void askForImport();
  void askForWeights(const QString& checkpoint);
  void openTrash();
  void askForSteps(const QString& folder, qint64 done);

  RunsSession* session_;
  RunTransfer* transfer_;
  RunsList* list_ = nullptr;
  OverlayPlot* plot_ = nullptr;
  QStackedWidget* side_ = nullptr;
  QLabel* hint_ = nullptr;
  RunDetail* detail_ = nullptr;
  RunComparison* comparison_ = nullptr;
  QHash<QString, RunWatch*> watches_;  ///< of the selected runs, by folder
  QStringList selected_;
};

/// The page as it stands in the window.
QWidget* makeRunsPage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
