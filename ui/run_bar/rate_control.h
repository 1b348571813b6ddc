// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

class QLabel;
class QLineEdit;
class QToolButton;

namespace dw::messages {
struct CommandApplied;
struct CommandRefused;
}  // namespace dw::messages

namespace dw::ui {

class LogDial;
class RecipeDraft;
class TrainingSession;

/// The learning rate as one turns it while training: a logarithmic dial, the typed value, half, double, undo, redo, and
/// the step at which the last change was applied. Without a run it is the rate of the draft for the next one.
class RateControl : public QWidget {
  Q_OBJECT

 public:
  RateControl(TrainingSession* session, RecipeDraft* draft, QWidget* parent = nullptr);
  /// Leaves out the words where the window is narrow.
  void setCompact(bool compact);
  /// Multiplies the rate; for keys.
  void multiply(double factor);

 private:
  void build();
  void layOut();
  void connectAll();
  bool isLive() const;
  double rate() const;
  void ask(double rate);
  void takeTyped();
  void showRate();
  void showActions();
  void tell(const QString& words, const QString& more, bool problem = false);
  void applied(const messages::CommandApplied& command);
  void refused(const messages::CommandRefused& command);

  TrainingSession* session_;
  RecipeDraft* draft_;
  std::optional<double> asked_;  ///< sent, not answered yet: "half" twice in a row is a quarter
  bool compact_ = false;
  QLabel* caption_ = nullptr;
  LogDial* dial_ = nullptr;
  QLineEdit* value_ = nullptr;
  QToolButton* half_ = nullptr;
  QToolButton* twice_ = nullptr;
  QToolButton* undo_ = nullptr;
  QToolButton* redo_ = nullptr;
  QLabel* note_ = nullptr;
};

}  // namespace dw::ui
