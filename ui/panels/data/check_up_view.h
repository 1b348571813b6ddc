// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "session/training/remaining_time.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QVBoxLayout;

namespace dw {
struct Problem;
}

namespace dw::ui {

class ClassTable;
class DatasetSession;

/// What is known of the file at once, and what reading the whole of it has found: figures of each channel, problems by name
/// with a way to the sample, the scale that would bring the latents to unit variance, samples of each class. Shows how far
/// it is while it reads.
class CheckUpView : public QWidget {
  Q_OBJECT

 public:
  explicit CheckUpView(DatasetSession* session, QWidget* parent = nullptr);

 Q_SIGNALS:
  void begun();
  /// The reading ended before its end: the user, or the file, wanted it so.
  void stopped();
  /// The user wants this factor as the recipe's data scale.
  void scaleChosen(double scale);
  /// The user wants every channel brought to mean 0 and deviation 1.
  void standardizeChosen();
  /// The user wants to train without the samples that hold NaN or infinity.
  void skipBadChosen();
  /// The user wants to see a sample that something is wrong with.
  void sampleWanted(qint64 sample);

 private:
  void build();
  void connectAll();
  void showBegin();
  void showProgress(double fraction);
  void showStopped(const QString& verdict);
  void showResult();
  void showAdvice();
  void clearProblems();
  QWidget* makeProblem(const Problem& problem);
  QWidget* makeBadSampleRow();

  DatasetSession* session_;
  RemainingTime remaining_;
  QLabel* verdict_;
  QWidget* progressBox_;
  QProgressBar* progress_;
  QLabel* left_;
  QPushButton* stop_;
  QVBoxLayout* problems_;
  QLabel* facts_;
  QTableWidget* table_;
  QLabel* scale_;
  QPushButton* useScale_;
  QLabel* uneven_;
  QPushButton* standardize_;
  ClassTable* classes_;
  std::size_t badShown_ = 0;  // which of the bad samples the button leads to
};

}  // namespace dw::ui
