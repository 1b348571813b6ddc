// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/time_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "numbers/number_text.h"
#include "session/dataset/dataset_session.h"
#include "session/noise/noise_lab.h"

namespace dw::ui {
namespace {

QLabel* mutedLabel(const QString& text, QWidget* buddy = nullptr) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setBuddy(buddy);
  return label;
}

int asInt(std::int64_t value) {
  return static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
}

}  // namespace

TimeBar::TimeBar(NoiseLab* lab, DatasetSession* dataset, QWidget* parent)
    : QWidget(parent), lab_(lab), dataset_(dataset) {
  setObjectName(QStringLiteral("timeBar"));
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setObjectName(QStringLiteral("noiseTimeSlider"));
  slider_->setAccessibleName(tr("Timestep t"));
  time_ = new QLineEdit;
  time_->setObjectName(QStringLiteral("noiseTime"));
  time_->setAccessibleName(tr("Timestep t, typed"));
  time_->setAlignment(Qt::AlignRight);
  time_->setFixedWidth(time_->fontMetrics().horizontalAdvance(QStringLiteral("0000000")) + 16);
  sample_ = new QSpinBox;
  sample_->setObjectName(QStringLiteral("noiseSample"));
  sample_->setAccessibleName(tr("Sample of the dataset"));
  sample_->setKeyboardTracking(false);
  crop_ = new QSpinBox;
  crop_->setObjectName(QStringLiteral("noiseCrop"));
  crop_->setAccessibleName(tr("Crop of the sample"));
  newNoise_ = new QPushButton(tr("New noise"));
  newNoise_->setObjectName(QStringLiteral("newNoise"));
  newNoise_->setToolTip(tr("Draws another ε. While t moves, ε stays the same."));
  layOut();
  connectAll();
  showRange();
  showSample();
}

void TimeBar::layOut() {
  range_ = mutedLabel({});
  range_->setObjectName(QStringLiteral("noiseTimeRange"));
  class_ = mutedLabel({});
  class_->setObjectName(QStringLiteral("noiseClass"));
  cropLabel_ = mutedLabel(tr("crop"), crop_);
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("noiseTimeProblem"));
  problem_->setProperty("problem", true);
  problem_->hide();
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(mutedLabel(tr("t"), time_));
  row->addWidget(slider_, 1);
  row->addWidget(time_);
  row->addWidget(range_);
  row->addSpacing(16);
  row->addWidget(mutedLabel(tr("sample"), sample_));
  row->addWidget(sample_);
  row->addWidget(class_);
  row->addWidget(cropLabel_);
  row->addWidget(crop_);
  row->addWidget(newNoise_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(row);
  column->addWidget(problem_);
}

void TimeBar::connectAll() {
  connect(slider_, &QSlider::valueChanged, lab_, [this](int t) { lab_->setT(t); });
  connect(time_, &QLineEdit::textEdited, this, &TimeBar::takeTyped);
  connect(time_, &QLineEdit::editingFinished, this, [this] {
    if (problem_->isHidden()) showTime();
  });
  connect(lab_, &NoiseLab::timeChanged, this, &TimeBar::showTime);
  connect(lab_, &NoiseLab::scheduleChanged, this, &TimeBar::showRange);
  connect(sample_, &QSpinBox::valueChanged, this, [this](int sample) { lab_->setSample(sample, crop_->value()); });
  connect(crop_, &QSpinBox::valueChanged, this, [this](int crop) { lab_->setSample(sample_->value(), crop); });
  connect(newNoise_, &QPushButton::clicked, lab_, [this] { lab_->setNoiseSeed(lab_->noiseSeed() + 1); });
  connect(lab_, &NoiseLab::sampleChanged, this, &TimeBar::showSample);
}

void TimeBar::takeTyped(const QString& text) {
  const auto list = schedule::parseTimesteps(text.toStdString(), lab_->steps());
  const bool one = list.problems.empty() && list.values.size() == 1;
  problem_->setVisible(!one);
  if (one) return lab_->setT(list.values.front());
  problem_->setText(list.problems.empty()
                        ? tr("Type one timestep here; lists go into the contact sheet.")
                        : QString::fromStdString(list.problems.front().sentence + "; " + list.problems.front().remedy));
}

void TimeBar::showTime() {
  const QSignalBlocker quiet(slider_);
  slider_->setValue(asInt(lab_->t()));
  if (time_->text().toLongLong() != lab_->t() || time_->text().isEmpty()) time_->setText(QString::number(lab_->t()));
  problem_->hide();
}

void TimeBar::showRange() {
  const QSignalBlocker quiet(slider_);
  slider_->setRange(0, asInt(lab_->steps() - 1));
  slider_->setPageStep(std::max(1, asInt(lab_->steps() / 20)));
  slider_->setEnabled(lab_->steps() > 1);
  range_->setText(tr("of 0 to %1").arg(count(lab_->steps() - 1)));
  showTime();
}

void TimeBar::showSample() {
  const bool open = dataset_->isOpen();
  const QSignalBlocker a(sample_), b(crop_);
  sample_->setMaximum(open ? asInt(dataset_->source()->info().samples - 1) : 0);
  sample_->setValue(asInt(lab_->sample()));
  const auto crops = open ? dataset_->source()->info().crops : 1;
  crop_->setMaximum(asInt(crops - 1));
  crop_->setValue(asInt(lab_->crop()));
  crop_->setVisible(crops > 1);
  cropLabel_->setVisible(crops > 1);
  class_->setText(open ? dataset_->labelOf(lab_->sample()) : QString());
  class_->setVisible(!class_->text().isEmpty());
  for (QWidget* widget : {static_cast<QWidget*>(sample_), static_cast<QWidget*>(newNoise_)}) widget->setEnabled(open);
}

}  // namespace dw::ui
