// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "panels/train/trial_dialog.h"
#include "trials/what_if.h"

class QLineEdit;
class QSpinBox;

namespace dw::ui {

class RangePlot;

/// The learning-rate range test: a short try whose rate rises from step to step until the loss blows up, drawn as loss over rate,
/// with the rate where the loss falls fastest. That one, another that is clicked or one that is typed may be used.
class RangeTestDialog : public TrialDialog {
  Q_OBJECT

 public:
  RangeTestDialog(TrialSession* trials, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset,
                  QWidget* parent = nullptr);

 protected:
  QString whatIsWrong() const override;
  bool begin(const TrialOrigin& origin) override;
  std::optional<double> chosenRate() const override;
  void enableInputs(bool on) override;

 private:
  void layOut();
  void takeSteps(const QList<TrialSession::Step>& steps);
  void showResult(const trials::RangeTest& result);
  void choose(double rate);

  QLineEdit* lowest_ = nullptr;
  QLineEdit* highest_ = nullptr;
  QSpinBox* steps_ = nullptr;
  RangePlot* plot_ = nullptr;
  QLineEdit* chosen_ = nullptr;
};

}  // namespace dw::ui
