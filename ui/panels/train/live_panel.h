// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <vector>

#include "config/live_fields.h"

class QGridLayout;
class QLabel;
class QLineEdit;

namespace dw::messages {
struct CommandApplied;
struct CommandRefused;
}  // namespace dw::messages

namespace dw::ui {

class TrainingSession;

/// What may change while a run trains, apart from the learning rate, which has its dial in the run bar: each takes effect
/// at the next step and says at which. Shown while a run is under way.
class LivePanel : public QFrame {
  Q_OBJECT

 public:
  explicit LivePanel(TrainingSession* session, QWidget* parent = nullptr);

 private:
  struct Row {
    config::LiveField field;
    QLabel* name = nullptr;
    QLineEdit* edit = nullptr;
    QLabel* note = nullptr;
  };

  void addRow(QGridLayout* grid, config::LiveField field);
  void take(const Row& row);
  void showValues();
  void showLocks();
  void applied(const messages::CommandApplied& command);
  void refused(const messages::CommandRefused& command);
  static void tell(const Row& row, const QString& words, const QString& more, bool problem);

  TrainingSession* session_;
  std::vector<Row> rows_;
};

}  // namespace dw::ui
