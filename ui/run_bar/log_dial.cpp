// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_bar/log_dial.h"

#include <QPainter>
#include <QTimerEvent>
#include <algorithm>
#include <cmath>

namespace dw::ui {
namespace {

constexpr int kNotches = 40;  // of a decade
constexpr int kRestMs = 300;  // after the last notch of a wheel or key
// degrees, counter-clockwise from three o'clock; the arc runs clockwise
constexpr double kBegin = 225.0, kSweep = 270.0;

}  // namespace

LogDial::LogDial(double least, double greatest, QWidget* parent) : QDial(parent), least_(least) {
  setRange(0, static_cast<int>(std::lround(kNotches * std::log10(greatest / least))));
  setSingleStep(1);
  setPageStep(kNotches / 4);
  setFixedSize(30, 30);
  setFocusPolicy(Qt::StrongFocus);
  connect(this, &QDial::valueChanged, this, [this] {
    if (ours_) return;
    Q_EMIT turned(value());
    if (restTimer_ != 0) killTimer(restTimer_);
    restTimer_ = isSliderDown() ? 0 : startTimer(kRestMs);
  });
  connect(this, &QDial::sliderReleased, this, [this] { Q_EMIT chosen(value()); });
}

double LogDial::value() const { return least_ * std::pow(10.0, static_cast<double>(QDial::value()) / kNotches); }

void LogDial::setValue(double value) {
  if (!(value > 0.0) || isSliderDown() || restTimer_ != 0) return;  // never against the hand that turns it
  ours_ = true;
  QDial::setValue(static_cast<int>(std::lround(kNotches * std::clamp(std::log10(value / least_), -1.0, 100.0))));
  ours_ = false;
}

void LogDial::timerEvent(QTimerEvent* event) {
  if (event->timerId() != restTimer_) return QDial::timerEvent(event);
  killTimer(restTimer_);
  restTimer_ = 0;
  Q_EMIT chosen(value());
}

void LogDial::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF ring = QRectF(rect()).adjusted(4, 4, -4, -4);
  const double share = maximum() > 0 ? static_cast<double>(QDial::value()) / maximum() : 0.0;
  const auto arc = [&](const QColor& color, double part) {
    QPen pen(color, 4.0);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawArc(ring, static_cast<int>(kBegin * 16), static_cast<int>(-part * kSweep * 16));
  };
  arc(palette().color(QPalette::Mid), 1.0);
  arc(palette().color(isEnabled() ? QPalette::Highlight : QPalette::Mid), share);
  const double angle = (kBegin - share * kSweep) * 3.14159265358979 / 180.0;
  const QPointF middle = ring.center(), out(std::cos(angle), -std::sin(angle));
  painter.setPen(QPen(palette().color(QPalette::WindowText), 2.0));
  painter.drawLine(middle + out * ring.width() * 0.12, middle + out * ring.width() * 0.5);
  if (!hasFocus()) return;
  painter.setPen(QPen(palette().color(QPalette::Highlight), 1.0));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4.0, 4.0);
}

}  // namespace dw::ui
