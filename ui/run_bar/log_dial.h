// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDial>

namespace dw::ui {

/// A small knob on a logarithmic scale. The handle is drawn as an arc from the least value, so that it reads at 28 pixels.
/// Wheel, arrow keys and dragging turn it; one notch is a fortieth of a decade (6 %).
class LogDial : public QDial {
  Q_OBJECT

 public:
  LogDial(double least, double greatest, QWidget* parent = nullptr);

  double value() const;
  /// A value beyond the scale is shown at its end. Emits nothing.
  void setValue(double value);

 Q_SIGNALS:
  /// The user is turning it; may come many times a second.
  void turned(double value);
  /// The user let go of it, or has not moved it for a moment: this is the value he wants.
  void chosen(double value);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void timerEvent(QTimerEvent* event) override;

 private:
  double least_;
  int restTimer_ = 0;
  bool ours_ = false;  ///< the value changes by the program's hand
};

}  // namespace dw::ui
