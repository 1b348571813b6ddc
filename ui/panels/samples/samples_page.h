// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "data/pictures/rgb_projection.h"
#include "session/sampling/sampling_session.h"

class QLabel;
class QStackedWidget;
class QTabWidget;

namespace dw::ui {

class ComparisonView;
class DatasetSession;
class SampleForm;
class PageHost;
class PicturesView;
class ProcessPlayer;
class RunsSession;
class TrainingSession;
class TrainingStrip;
class Workbench;

/// What a model can draw: samples from any checkpoint, the way they come out of noise, two orders compared, and what a run
/// drew while it trained.
class SamplesPage : public QWidget {
  Q_OBJECT

 public:
  SamplesPage(SamplingSession* sampling, RunsSession* runs, TrainingSession* training, DatasetSession* dataset,
              QWidget* parent = nullptr);
  ~SamplesPage() override;

  /// Chooses a checkpoint to sample from.
  void showCheckpoint(const QString& folder);
  SamplingSession* sampling() const { return sampling_; }

 Q_SIGNALS:
  void troubleRaised(const QString& sentence, const QString& remedy);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void build();
  void connectAll();
  void connectSampling();
  /// Reads what the chosen checkpoint is, and fits the form to it.
  void describe();
  void showModel();
  Problems misfits() const;
  void sample();
  void startNext();
  void take(const std::shared_ptr<const inference::SampleSet>& samples);
  /// The orders are done, or given up: shows what was made.
  void finish();
  void refuse(const Problems& problems);
  void showSamples();
  void showChosen(int index);
  data::pictures::RgbProjection projection() const;

  TrainingSession* training_;
  DatasetSession* dataset_;
  SamplingSession* sampling_;
  SampleForm* form_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QLabel* empty_ = nullptr;
  PicturesView* pictures_ = nullptr;
  ProcessPlayer* player_ = nullptr;
  ComparisonView* comparison_ = nullptr;
  TrainingStrip* strip_ = nullptr;
  std::shared_ptr<const inference::SampleSet> kept_, newest_;  ///< A and B; without A there is only the newest
  QList<SampleJob> jobs_;                                      ///< to be done: one, or those of A and B
  QList<std::shared_ptr<const inference::SampleSet>> made_;    ///< of these
  QString described_;                                          ///< checkpoint that `model_` is of, or will be
  std::optional<inference::ModelFacts> model_;                 ///< of the chosen checkpoint
};

/// The page as it stands in the window.
QWidget* makeSamplesPage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
