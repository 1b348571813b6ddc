// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/process_player.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "numbers/number_text.h"
#include "panels/samples/sample_text.h"
#include "pictures/sample_strip.h"
#include "session/sampling/sample_tiles.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

constexpr int kPlayMs = 4000;  // from noise to the end, whatever the number of steps
constexpr int kShortestMs = 33;
constexpr float kLimit = 3.0F;  // in the model's scale

}  // namespace

ProcessPlayer::ProcessPlayer(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("processPlayer"));
  const auto button = [](const char* name, const QString& icon, const QString& text) {
    auto* made = new QPushButton(theme::icon(icon), text);
    made->setObjectName(QLatin1String(name));
    made->setAccessibleName(text);
    return made;
  };
  play_ = button("processPlay", QStringLiteral("play"), tr("Play"));
  back_ = button("processBack", QStringLiteral("undo"), tr("Step back"));
  next_ = button("processNext", QStringLiteral("step"), tr("Step"));
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setObjectName(QStringLiteral("processSlider"));
  slider_->setAccessibleName(tr("Step of sampling"));
  note_ = new QLabel;
  note_->setObjectName(QStringLiteral("processNote"));
  note_->setProperty("muted", true);
  note_->setWordWrap(true);
  strip_ = new SampleStrip;
  strip_->setObjectName(QStringLiteral("processStrip"));
  strip_->setAccessibleName(tr("State and guess at this step"));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(play_);
  row->addWidget(back_);
  row->addWidget(next_);
  row->addWidget(slider_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addLayout(row);
  column->addWidget(note_);
  column->addWidget(strip_, 1);
  connect(play_, &QPushButton::clicked, this, [this] { isPlaying() ? pause() : play(); });
  connect(back_, &QPushButton::clicked, this, [this] { stepBy(-1); });
  connect(next_, &QPushButton::clicked, this, [this] { stepBy(1); });
  connect(slider_, &QSlider::valueChanged, this, &ProcessPlayer::refresh);
  connect(slider_, &QSlider::sliderPressed, this, &ProcessPlayer::pause);
  connect(&timer_, &QTimer::timeout, this, &ProcessPlayer::tick);
  setSamples(nullptr, nullptr);
}

int ProcessPlayer::frameCount() const {
  std::size_t most = 0;
  for (const auto& samples : {first_, second_}) most = std::max(most, samples ? samples->frames.size() : 0);
  return static_cast<int>(most);
}

void ProcessPlayer::setSamples(std::shared_ptr<const inference::SampleSet> first,
                               std::shared_ptr<const inference::SampleSet> second) {
  first_ = std::move(first);
  second_ = std::move(second);
  const int frames = frameCount();
  {
    const QSignalBlocker quiet(slider_);
    slider_->setRange(0, std::max(0, frames - 1));
    slider_->setValue(slider_->maximum());
  }
  for (QWidget* widget : {static_cast<QWidget*>(play_), static_cast<QWidget*>(back_), static_cast<QWidget*>(next_),
                          static_cast<QWidget*>(slider_)})
    widget->setEnabled(frames > 1);
  if (frames == 0) pause();
  refresh();
}

void ProcessPlayer::setPicture(int index) {
  picture_ = std::max(0, index);
  refresh();
}

void ProcessPlayer::setLook(const data::pictures::RgbProjection& projection) { strip_->setLook(projection, kLimit); }

double ProcessPlayer::place() const {
  return slider_->maximum() > 0 ? static_cast<double>(slider_->value()) / static_cast<double>(slider_->maximum()) : 1.0;
}

/// Two ways of different length go side by side from noise to the end.
const inference::SampleFrame* ProcessPlayer::frameAt(const inference::SampleSet& samples) const {
  if (samples.frames.empty()) return nullptr;
  const auto last = samples.frames.size() - 1;
  return &samples.frames[static_cast<std::size_t>(std::lround(place() * static_cast<double>(last)))];
}

void ProcessPlayer::refresh() {
  QList<StripEntry> entries;
  QStringList notes;
  const bool both = first_ && second_;
  for (const auto& [samples, name] :
       {std::pair{first_, QStringLiteral("A")}, std::pair{second_, QStringLiteral("B")}}) {
    const auto* frame = samples ? frameAt(*samples) : nullptr;
    if (frame == nullptr || picture_ >= samples->kept) continue;
    const auto state = tileOf(*samples, *frame, picture_, false), end = tileOf(*samples, *frame, picture_, true);
    const QString prefix = both ? name + QStringLiteral(": ") : QString();
    entries.append({prefix + QStringLiteral("x_t"),
                    tr("after step %1 of %2").arg(frame->step).arg(samples->request.steps), state,
                    asStored(*samples, state)});
    entries.append({prefix + QStringLiteral("x̂₀"), tr("the end, seen at t = %1").arg(std::lround(frame->t)), end,
                    asStored(*samples, end)});
    notes << prefix + jobText(*samples);
  }
  if (both && first_->request.seed != second_->request.seed)
    notes << tr("They began from different noise: give both the same seed to compare.");
  strip_->setEntries(entries);
  const bool tooFar = (first_ || second_) && entries.isEmpty();
  note_->setText(tooFar              ? tr("The way of this picture was not kept: choose one of the first.")
                 : entries.isEmpty() ? tr("Sample first: then play here how noise becomes a picture.")
                                     : notes.join(QStringLiteral("\n")));
}

void ProcessPlayer::play() {
  if (frameCount() < 2) return;
  if (slider_->value() == slider_->maximum()) slider_->setValue(0);
  timer_.start(std::max(kShortestMs, kPlayMs / frameCount()));
  play_->setIcon(theme::icon(QStringLiteral("pause")));
  play_->setText(tr("Pause"));
}

void ProcessPlayer::pause() {
  timer_.stop();
  play_->setIcon(theme::icon(QStringLiteral("play")));
  play_->setText(tr("Play"));
}

void ProcessPlayer::stepBy(int frames) {
  pause();
  slider_->setValue(slider_->value() + frames);
}

void ProcessPlayer::tick() {
  slider_->setValue(slider_->value() + 1);
  if (slider_->value() == slider_->maximum()) pause();
}

void ProcessPlayer::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Space: return isPlaying() ? pause() : play();
    case Qt::Key_Left: return stepBy(-1);
    case Qt::Key_Right: return stepBy(1);
    default: QWidget::keyPressEvent(event);
  }
}

void ProcessPlayer::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  pause();
}

}  // namespace dw::ui
