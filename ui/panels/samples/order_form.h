// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "base/problem.h"
#include "run/sampling.h"
#include "session/sampling_session.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QProgressBar;
class QSpinBox;

namespace dw::ui {

class CheckpointChoice;

/// What to sample, from which checkpoint, and the button that does it. A wrong field is told under the fields.
class OrderForm : public QWidget {
  Q_OBJECT

 public:
  OrderForm(CheckpointChoice* checkpoints, const SamplingTools& tools, QWidget* parent = nullptr);

  QString checkpoint() const;
  bool averaged() const;
  run::SampleRequest request() const;
  /// busy: the button cancels; cancelling: it waits.
  void setState(bool busy, bool cancelling);
  void setProgress(double fraction);
  /// What the model says against the order, or what failed; empty = nothing.
  void showProblem(const QString& text);
  /// Classes of the model that may be asked for.
  void setClasses(qint64 classes, const QStringList& names);

 Q_SIGNALS:
  void sampleRequested();
  void cancelRequested();
  void checkpointChanged();

 private:
  void build(const SamplingTools& tools);
  void layOut();
  void connectAll();
  void showSampler();

  CheckpointChoice* checkpoints_;
  std::vector<run::SamplerChoice> samplers_;
  QCheckBox* averaged_ = nullptr;
  QComboBox* sampler_ = nullptr;
  QComboBox* spacing_ = nullptr;
  QComboBox* label_ = nullptr;
  QSpinBox* steps_ = nullptr;
  QSpinBox* count_ = nullptr;
  QLineEdit* guidance_ = nullptr;
  QLineEdit* seed_ = nullptr;
  QPushButton* go_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* problem_ = nullptr;
};

}  // namespace dw::ui
