// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <optional>

#include "session/background_job.h"
#include "session/training/trial_session.h"

class QBoxLayout;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace dw::ui {

class DatasetSession;
class RecipeDraft;
class TrainingSession;

/// A window for a try beside the run: where it begins from, Start and Cancel, how far it is, what came of it, and the learning
/// rate that is taken over from it. What is tried is the derived class's.
class TrialDialog : public QDialog {
  Q_OBJECT

 protected:
  struct Texts {
    QString title, explained;
    QString start, startName;  ///< of the button; its accessible name
  };
  /// name: its widgets are called nameStart, nameFrom, nameProgress, nameWords, nameAdopt. Whoever derives from it fills inputs() and
  /// body(), then calls showState().
  TrialDialog(const QString& name, const Texts& texts, TrialSession* trials, TrainingSession* session,
              RecipeDraft* draft, DatasetSession* dataset, QWidget* parent);

  /// What is wrong with what was typed; empty: nothing.
  virtual QString whatIsWrong() const = 0;
  /// Asks the session; `origin`: the folder of the run, saved as it stands, or the recipe of the next run, with new weights. False:
  /// it refused.
  virtual bool begin(const TrialOrigin& origin) = 0;
  /// The rate that the button takes over; empty: none is chosen.
  virtual std::optional<double> chosenRate() const = 0;
  virtual void enableInputs(bool on) = 0;

  /// Brings the buttons up to date.
  void showState();
  /// The inputs changed: the words of the last try are over.
  void inputsChanged();
  /// The try is over, and this came of it.
  void ended(const QString& words);
  bool isTrying() const { return mine_; }
  /// The rate that a multiple is meant of.
  double presentRate() const;
  TrialSession* trials() const { return trials_; }

  QBoxLayout* inputs() const { return inputs_; }  ///< the row in front of the start button
  QBoxLayout* body() const { return body_; }      ///< between the progress bar and the words

 private:
  TrialOrigin origin() const;
  void layOut(const Texts& texts);
  void connectAll();
  bool fromRun() const;
  QString whyNot() const;
  void pressed();
  void start();
  void showFailure(const JobFailure& failure);
  /// A run to begin from is there or not.
  void offerOrigins();
  void adopt();

  QString name_, startText_, startName_;
  TrialSession* trials_;
  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QBoxLayout* inputs_ = nullptr;
  QBoxLayout* body_ = nullptr;
  QComboBox* from_ = nullptr;
  QPushButton* start_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* words_ = nullptr;
  QPushButton* adopt_ = nullptr;
  bool saving_ = false;  // the paused run is being saved: the try begins from there
  bool mine_ = false;    // the job under way was asked for here
  bool told_ = false;    // the words are of the last try
};

}  // namespace dw::ui
