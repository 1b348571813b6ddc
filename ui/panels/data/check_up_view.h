// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QVBoxLayout;

namespace dw::ui {

class DatasetSession;

/// What reading the whole dataset once has found: figures of each channel, problems by name, the scale that would bring
/// the latents to unit variance. Shows how far it is while it reads.
class CheckUpView : public QWidget {
  Q_OBJECT

 public:
  explicit CheckUpView(DatasetSession* session, QWidget* parent = nullptr);

 Q_SIGNALS:
  /// The user wants this factor as the recipe's data scale.
  void scaleChosen(double scale);

 private:
  void showBegin();
  void showResult();

  DatasetSession* session_;
  QLabel* verdict_;
  QProgressBar* progress_;
  QPushButton* stop_;
  QVBoxLayout* problems_;
  QTableWidget* table_;
  QLabel* scale_;
  QPushButton* useScale_;
};

}  // namespace dw::ui
