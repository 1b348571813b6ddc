// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;

namespace dw::ui {

class LivePredictor;
class NoiseLab;
class TrainingSession;
struct ModelView;

/// Which model is asked what it sees in x_t, and what it answered in figures.
class ModelBar : public QWidget {
  Q_OBJECT

 public:
  ModelBar(LivePredictor* predictor, NoiseLab* lab, TrainingSession* session, QWidget* parent = nullptr);
  /// Asks the weights of this checkpoint from now on.
  void showCheckpoint(const QString& folder);
  /// Asks the weights that are trained now.
  void showTraining();
  /// Asks nobody.
  void switchOff();

 Q_SIGNALS:
  /// Nothing is asked any more: its pictures go.
  void switchedOff();

 private:
  enum Row { Nothing, Training, Checkpoint };

  void choose(int row);
  void apply();
  void showState();
  void take(const ModelView& view);

  LivePredictor* predictor_;
  NoiseLab* lab_;
  TrainingSession* session_;
  QString checkpoint_;
  QComboBox* source_ = nullptr;
  QCheckBox* averaged_ = nullptr;
  QLabel* state_ = nullptr;
};

}  // namespace dw::ui
