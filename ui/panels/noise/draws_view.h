// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace dw::ui {

class NoiseLab;
class TrainingSession;

/// Which timesteps training has really drawn so far: 20 bars over t, and the height they would have if every t were
/// equally likely.
class DrawsView : public QWidget {
  Q_OBJECT

 public:
  DrawsView(TrainingSession* session, NoiseLab* lab, QWidget* parent = nullptr);
  QString text() const;
  QRect barRect(int bin) const;
  QSize sizeHint() const override { return {400, 240}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRect plotRect() const;
  double drawn(int bin) const;
  double drawnInAll() const;
  double largest() const;

  TrainingSession* session_;
  NoiseLab* lab_;
};

}  // namespace dw::ui
