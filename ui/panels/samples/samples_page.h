// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "session/sampling_session.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTabWidget;

namespace dw::ui {

class CheckpointChoice;
class ComparisonView;
class DatasetSession;
class OrderForm;
class PictureSheet;
class ProcessPlayer;
class RunsSession;
class TrainingSession;
class TrainingStrip;

/// What a model can draw: samples from any checkpoint, the way they come out of noise, two orders compared, and what a run
/// drew while it trained.
class SamplesPage : public QWidget {
  Q_OBJECT

 public:
  SamplesPage(SamplingTools tools, RunsSession* runs, TrainingSession* training, DatasetSession* dataset, QWidget* parent = nullptr);
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
  QWidget* buildPictures();
  QWidget* buildBar();
  void connectAll();
  void sample();
  void take(const std::shared_ptr<const MadeSamples>& samples);
  void describe();
  void keep();
  void showPictures();
  void showChosen(int index);
  void showModel(const run::SampledModel& model);
  void savePictures();
  QPixmap pictureOf(const MadeSamples& samples, qint64 index) const;
  data::RgbProjection projection() const;

  TrainingSession* training_;
  DatasetSession* dataset_;
  SamplingSession* sampling_;
  CheckpointChoice* checkpoints_;
  OrderForm* form_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QComboBox* kind_ = nullptr;
  QPushButton* keep_ = nullptr;
  QPushButton* save_ = nullptr;
  QLabel* note_ = nullptr;
  QLabel* empty_ = nullptr;
  PictureSheet* sheet_ = nullptr;
  PictureSheet* keptSheet_ = nullptr;
  QWidget* keptBox_ = nullptr;
  QLabel* keptNote_ = nullptr;
  ProcessPlayer* player_ = nullptr;
  ComparisonView* comparison_ = nullptr;
  TrainingStrip* strip_ = nullptr;
  std::shared_ptr<const MadeSamples> kept_, newest_;  ///< A and B; without A there is only the newest
  QString described_;  ///< checkpoint that the form was fitted to
};

}  // namespace dw::ui
