// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QSpinBox;

namespace dw::ui {

class DatasetSession;
class NoiseLab;

/// Which t, which sample, which noise.
class TimeBar : public QWidget {
  Q_OBJECT

 public:
  TimeBar(NoiseLab* lab, DatasetSession* dataset, QWidget* parent = nullptr);

 private:
  void layOut();
  void connectAll();
  void takeTyped(const QString& text);
  void showTime();
  void showRange();
  void showSample();

  NoiseLab* lab_;
  DatasetSession* dataset_;
  QSlider* slider_ = nullptr;
  QLineEdit* time_ = nullptr;
  QLabel* range_ = nullptr;
  QLabel* problem_ = nullptr;
  QSpinBox* sample_ = nullptr;
  QSpinBox* crop_ = nullptr;
  QLabel* cropLabel_ = nullptr;
  QLabel* class_ = nullptr;
  QPushButton* newNoise_ = nullptr;
};

}  // namespace dw::ui
