// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "base/problem.h"
#include "session/sampling/sampling_session.h"
#include "session/training/remaining_time.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QProgressBar;

namespace dw::ui {

class CheckpointChoice;
class RunsSession;
class SamplerFields;
class TrainingSession;

/// What to sample, from which checkpoint or which two, and the button that does it. What is wrong stands under the fields,
/// with the button that mends it, and the field is marked.
class SampleForm : public QWidget {
  Q_OBJECT

 public:
  SampleForm(RunsSession* runs, TrainingSession* training, const inference::Backend& backend,
             QWidget* parent = nullptr);

  CheckpointChoice* checkpoints() const { return first_; }
  /// One job, or those of A and B, which differ in the checkpoint only. Empty: no checkpoint is chosen.
  QList<SampleJob> jobs() const;
  /// What was typed that is no value.
  Problems unreadable() const;
  /// busy: the button cancels; cancelling: it waits.
  void setState(bool busy, bool cancelling);
  void setProgress(double fraction);
  /// What is wrong with the order, at the names of SampleRequest's members or "checkpoint"; empty = nothing.
  void showProblems(const Problems& problems);
  /// Fits the fields to a model; contextSamples: see SamplerFields.
  void setModel(const inference::ModelFacts& model, qint64 contextSamples);
  void setWatching(bool watching);

 Q_SIGNALS:
  void sampleRequested();
  void cancelRequested();
  /// The (first) checkpoint is another one.
  void checkpointChanged();

 private:
  void build();
  void layOut();
  void connectAll();
  void showCompared(bool compared);
  void mend();

  CheckpointChoice* first_ = nullptr;
  CheckpointChoice* second_ = nullptr;
  SamplerFields* fields_ = nullptr;
  QCheckBox* averaged_ = nullptr;
  QCheckBox* compared_ = nullptr;
  QPushButton* go_ = nullptr;
  QPushButton* fix_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* problem_ = nullptr;
  Problems problems_;
  RemainingTime remaining_;
  bool busy_ = false;
};

}  // namespace dw::ui
