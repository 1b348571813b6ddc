// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <cstdint>
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
  /// The last rate of the kind shown may be chosen.
  bool movesEnd() const;
  // Of dragging in the plot: edits as typing would, and remembers what stood here before; then one of the two that end it.
  /// warmup: updates from now until the peak; empty: as it is.
  void drag(double peak, std::optional<std::int64_t> warmup, double end);
  /// Sends the command, if the curve is possible. Else everything is as before the drag.
  void drop();
  void cancelDrag();

 Q_SIGNALS:
  void edited();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void layOut();
  void takeRunning();
  config::LrKind kind() const;
  QString whatIsWrong() const;
  void check();
  void apply();
  void show(config::LrKind kind, const QString& peak, const QString& warmup, const QString& end, bool edited);

  TrainingSession* session_;
  QComboBox* kind_ = nullptr;
  QLineEdit* peak_ = nullptr;
  QLineEdit* warmup_ = nullptr;
  QLineEdit* end_ = nullptr;
  QLabel* note_ = nullptr;
  QPushButton* apply_ = nullptr;
  QPushButton* reset_ = nullptr;
  bool edited_ = false;
  struct Typed {
    config::LrKind kind = config::LrKind::Constant;
    QString peak, warmup, end;
    bool edited = false;
  };
  std::optional<Typed> beforeDrag_;
};

}  // namespace dw::ui
