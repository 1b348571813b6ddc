// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <cstdint>
#include <string>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace dw::ui {

/// What each axis of the stored array is: "B 119,829", "T 3", ... as small labels, and a field that takes another order,
/// chosen or typed. What is wrong with a typed one stands beside the field.
class AxesEditor : public QWidget {
  Q_OBJECT

 public:
  explicit AxesEditor(QWidget* parent = nullptr);
  /// shape: of the array in the file; axes: the roles it is read by; guessed: nobody chose them.
  void setAxes(const std::vector<std::int64_t>& shape, const std::string& axes, bool guessed);

 Q_SIGNALS:
  /// Roles that fit the array, other than before; empty: guess them.
  void axesChosen(const QString& axes);

 private:
  void fillLabels(const std::string& axes);
  void judge(const QString& text);
  void choose(const QString& text);

  std::vector<std::int64_t> shape_;
  QString axes_;
  QHBoxLayout* labels_;
  QComboBox* order_;
  QLabel* note_;
  QToolButton* guess_;
  QLabel* problem_;
};

}  // namespace dw::ui
