// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <optional>

#include "config/live_settings.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace dw::ui {

class TrainingSession;

/// Another curve of the learning rate from now on: kind, peak, warm-up, last rate. While it is edited the plot shows what
/// would come; nothing changes before Apply.
class ReshapeBar : public QFrame {
  Q_OBJECT

 public:
  explicit ReshapeBar(TrainingSession* session, QWidget* parent = nullptr);
  /// Live settings as the edited curve would make them after `step` updates; empty while nothing is edited or it is impossible.
  std::optional<config::LiveSettings> proposal(std::int64_t step) const;
  /// Of dragging in the plot.
  void setPeak(double rate);

 Q_SIGNALS:
  void edited();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void layOut();
  void takeRunning();
  void check();
  void apply();

  TrainingSession* session_;
  QComboBox* kind_ = nullptr;
  QLineEdit* peak_ = nullptr;
  QLineEdit* warmup_ = nullptr;
  QLineEdit* end_ = nullptr;
  QLabel* endName_ = nullptr;
  QLabel* note_ = nullptr;
  QPushButton* apply_ = nullptr;
  QPushButton* reset_ = nullptr;
  bool edited_ = false;
};

}  // namespace dw::ui
