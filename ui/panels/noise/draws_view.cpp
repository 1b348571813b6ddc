// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/draws_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "numbers/number_text.h"
#include "session/noise/noise_lab.h"
#include "session/training/training_session.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {
constexpr int kBins = messages::kTimestepBins;
}

DrawsView::DrawsView(TrainingSession* session, NoiseLab* lab, QWidget* parent)
    : QWidget(parent), session_(session), lab_(lab) {
  setObjectName(QStringLiteral("drawsView"));
  setAccessibleName(tr("How often training has drawn which timesteps"));
  connect(session_, &TrainingSession::metricsAppended, this, qOverload<>(&QWidget::update));
  connect(session_, &TrainingSession::historyRewritten, this, qOverload<>(&QWidget::update));
  connect(session_, &TrainingSession::runOpened, this, qOverload<>(&QWidget::update));
  connect(lab_, &NoiseLab::scheduleChanged, this, qOverload<>(&QWidget::update));
}

QString DrawsView::text() const {
  if (drawnInAll() <= 0.0) {
    return tr(
        "Nothing has been drawn yet. Press Train: here you will see which timesteps the run really draws, so that you "
        "can check its timestep sampling.");
  }
  return tr("%1 timesteps drawn up to step %2. The line is where all would be if every t were equally likely.", nullptr,
            plural(static_cast<std::int64_t>(drawnInAll())))
      .arg(count(static_cast<std::int64_t>(drawnInAll())), count(session_->timesteps().total().last));
}

double DrawsView::drawn(int bin) const { return session_->timesteps().total().count[static_cast<std::size_t>(bin)]; }

double DrawsView::drawnInAll() const {
  const auto& counts = session_->timesteps().total().count;
  return std::accumulate(counts.begin(), counts.end(), 0.0);
}

double DrawsView::largest() const {
  const auto& counts = session_->timesteps().total().count;
  return std::max(*std::max_element(counts.begin(), counts.end()), 1.0);
}

QRect DrawsView::plotRect() const {
  const int line = fontMetrics().height();
  return rect().adjusted(64, line * 2 + 12, -16, -line - 12);
}

QRect DrawsView::barRect(int bin) const {
  const QRect plot = plotRect();
  const int left = plot.left() + plot.width() * bin / kBins, right = plot.left() + plot.width() * (bin + 1) / kBins;
  const double share = drawn(bin) / (1.05 * largest());
  const int height = static_cast<int>(std::lround(share * plot.height()));
  return {left + 1, plot.bottom() + 1 - height, right - left - 2, height};
}

void DrawsView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& colors = theme::colorsFor(palette());
  const QRect plot = plotRect();
  painter.setPen(colors.muted);
  const bool any = drawnInAll() > 0.0;
  painter.drawText(any ? QRect(0, 4, width(), 2 * fontMetrics().height()) : rect().adjusted(48, 0, -48, 0),
                   (any ? Qt::AlignLeft : Qt::AlignCenter) | Qt::TextWordWrap, text());
  if (!any) return;
  for (int i = 0; i < kBins; ++i) painter.fillRect(barRect(i), colors.accent);
  const double even = drawnInAll() / kBins / (1.05 * largest());
  const int y = plot.bottom() + 1 - static_cast<int>(std::lround(even * plot.height()));
  painter.setPen(QPen(colors.text, 1.0, Qt::DashLine));
  painter.drawLine(plot.left(), y, plot.right(), y);
  painter.setPen(QPen(colors.border, 1.0));
  painter.drawLine(plot.left(), plot.bottom() + 1, plot.right(), plot.bottom() + 1);
  painter.setPen(colors.muted);
  const int line = fontMetrics().height();
  painter.drawText(QRect(0, y - line / 2, plot.left() - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                   count(static_cast<std::int64_t>(drawnInAll() / kBins)));
  for (int i = 0; i <= 4; ++i) {
    const auto t = (lab_->steps() - 1) * i / 4;
    const QRect label(plot.left() + plot.width() * i / 4 - 40, plot.bottom() + 4, 80, line);
    painter.drawText(i == 4 ? label.translated(-20, 0) : label, Qt::AlignHCenter,
                     i == 2 ? tr("t = %1").arg(count(t)) : count(t));
  }
}

bool DrawsView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QRect plot = plotRect();
  if (!plot.contains(help->pos()) || drawnInAll() <= 0.0) {
    QToolTip::hideText();
    return true;
  }
  const int bin = std::clamp((help->pos().x() - plot.left()) * kBins / std::max(1, plot.width()), 0, kBins - 1);
  QToolTip::showText(
      help->globalPos(),
      tr("t from %1 to %2: drawn %3 times", nullptr, plural(static_cast<std::int64_t>(drawn(bin))))
          .arg(count(lab_->steps() * bin / kBins), count(std::max<qint64>(lab_->steps() * (bin + 1) / kBins - 1, 0)),
               count(static_cast<std::int64_t>(drawn(bin)))),
      this);
  return true;
}

}  // namespace dw::ui
