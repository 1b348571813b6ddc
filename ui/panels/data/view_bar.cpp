// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/view_bar.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <algorithm>

#include "panels/data/decimal_box.h"

namespace dw::ui {
namespace {

QHBoxLayout* tightRow(QWidget* box) {
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  return row;
}

}  // namespace

ViewBar::ViewBar(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  row->addWidget(buildKinds());
  row->addWidget(buildCrop());
  row->addWidget(buildLimit());
  row->addStretch(1);
  row->addWidget(buildSize());
}

QWidget* ViewBar::buildKinds() {
  auto* box = new QWidget;
  auto* row = tightRow(box);
  kinds_ = new QButtonGroup(this);
  const auto add = [&](PreviewKind kind, const char* name, const QString& text, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(QLatin1String(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    button->setProperty("flat", true);
    kinds_->addButton(button, static_cast<int>(kind));
    row->addWidget(button);
  };
  add(PreviewKind::Colour, "kindColour", tr("Colours (approximate)"),
      tr("A linear mix of the channels into red, green and blue. It only resembles the picture that a decoder would make (key C)."));
  colours_ = new QComboBox;
  colours_->setObjectName(QStringLiteral("colours"));
  colours_->setAccessibleName(tr("Where the colours come from"));
  row->addWidget(colours_);
  add(PreviewKind::OneChannel, "kindOneChannel", tr("One channel"),
      tr("One latent channel; blue below 0, red above (keys 0 to 9)"));
  channel_ = new QComboBox;
  channel_->setObjectName(QStringLiteral("channel"));
  channel_->setAccessibleName(tr("Channel"));
  row->addWidget(channel_);
  add(PreviewKind::AllChannels, "kindAllChannels", tr("All channels"),
      tr("Every channel side by side, all with the same colour limits (key A)"));
  kinds_->button(0)->setChecked(true);
  connect(kinds_, &QButtonGroup::idToggled, this, &ViewBar::apply);
  connect(colours_, &QComboBox::currentIndexChanged, this, [this] {
    if (!filling_) kinds_->button(static_cast<int>(PreviewKind::Colour))->setChecked(true);
    apply();
  });
  connect(channel_, &QComboBox::currentIndexChanged, this, [this] {
    if (!filling_) kinds_->button(static_cast<int>(PreviewKind::OneChannel))->setChecked(true);
    apply();
  });
  return box;
}

QWidget* ViewBar::buildCrop() {
  cropBox_ = new QWidget;
  auto* row = tightRow(cropBox_);
  auto* label = new QLabel(tr("Crop"));
  label->setToolTip(tr("Axis T of the file: several crops of the same picture (keys [ and ])"));
  crop_ = new QSlider(Qt::Horizontal);
  crop_->setObjectName(QStringLiteral("crop"));
  crop_->setAccessibleName(tr("Crop"));
  crop_->setFixedWidth(72);
  crop_->setPageStep(1);
  cropText_ = new QLabel;
  label->setBuddy(crop_);
  row->addWidget(label);
  row->addWidget(crop_);
  row->addWidget(cropText_);
  connect(crop_, &QSlider::valueChanged, this, &ViewBar::apply);
  return cropBox_;
}

QWidget* ViewBar::buildLimit() {
  limitBox_ = new QWidget;
  auto* row = tightRow(limitBox_);
  auto* label = new QLabel(tr("Limits ±"));
  limit_ = new DecimalBox;
  limit_->setObjectName(QStringLiteral("limit"));
  limit_->setAccessibleName(tr("Colour limits"));
  limit_->setToolTip(tr("Values from -limit to +limit span the colours, the same in every channel"));
  limit_->setDecimals(3);
  limit_->setRange(0.001, 1e6);
  limit_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  limit_->setKeyboardTracking(false);
  label->setBuddy(limit_);
  row->addWidget(label);
  row->addWidget(limit_);
  connect(limit_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    if (filling_) return;
    options_.limit = static_cast<float>(value);
    apply();
  });
  return limitBox_;
}

QWidget* ViewBar::buildSize() {
  auto* box = new QWidget;
  auto* row = tightRow(box);
  auto* label = new QLabel(tr("Size"));
  size_ = new QSlider(Qt::Horizontal);
  size_->setObjectName(QStringLiteral("tileSize"));
  size_->setAccessibleName(tr("Size of the pictures"));
  size_->setRange(32, 192);
  size_->setSingleStep(8);
  size_->setPageStep(32);
  size_->setValue(options_.tile);
  size_->setFixedWidth(88);
  label->setBuddy(size_);
  row->addWidget(label);
  row->addWidget(size_);
  connect(size_, &QSlider::valueChanged, this, &ViewBar::apply);
  return box;
}

void ViewBar::setLimit(float limit) {
  filling_ = true;
  limit_->setValue(static_cast<double>(limit));
  filling_ = false;
  options_.limit = limit;
  apply();
}

void ViewBar::fillColours(std::int64_t channels) {
  colours_->clear();
  for (const auto colours : data::pictures::coloursFor(channels)) {
    const QString name = colours == data::pictures::Colours::Sd1      ? tr("SD 1.x")
                         : colours == data::pictures::Colours::Sdxl   ? tr("SDXL")
                         : colours == data::pictures::Colours::Fitted ? tr("fitted to the data (PCA)")
                                                                      : QString();
    colours_->addItem(name, static_cast<int>(colours));
  }
  colours_->setVisible(colours_->count() > 1);
  colours_->setToolTip(
      tr("SD 1.x and SDXL: as their decoders would roughly paint it. Fitted: the three principal components of "
         "the data, which is no picture, but gives different colours to what differs."));
  auto* button = static_cast<QToolButton*>(kinds_->button(static_cast<int>(PreviewKind::Colour)));
  button->setText(channels == 1   ? tr("Grey")
                  : channels == 3 ? tr("Colours")
                  : channels == 4 ? tr("Colours (approximate)")
                                  : tr("Colours (fitted, approximate)"));
}

void ViewBar::setDataset(const data::SourceInfo& info, float limit) {
  filling_ = true;
  fillColours(info.channels);
  channel_->clear();
  for (std::int64_t c = 0; c < std::min<std::int64_t>(info.channels, 256); ++c) {
    channel_->addItem(QString::number(c));
  }
  const bool several = info.channels > 1;
  kinds_->button(static_cast<int>(PreviewKind::AllChannels))->setVisible(several);
  channel_->setVisible(several);
  if (!several && kinds_->checkedId() == static_cast<int>(PreviewKind::AllChannels))
    kinds_->button(0)->setChecked(true);
  crop_->setRange(0, static_cast<int>(std::min<std::int64_t>(info.crops, 1'000'000)) - 1);
  crop_->setValue(0);
  cropBox_->setVisible(info.crops > 1);
  filling_ = false;
  setLimit(limit);
}

bool ViewBar::takeKey(const QKeyEvent& event) {
  if ((event.modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier) return false;
  const int key = event.key();
  const auto show = [this](PreviewKind kind) {
    auto* button = kinds_->button(static_cast<int>(kind));
    if (!button->isHidden()) button->setChecked(true);
    return true;
  };
  if (key >= Qt::Key_0 && key <= Qt::Key_9) {
    if (key - Qt::Key_0 < channel_->count()) channel_->setCurrentIndex(key - Qt::Key_0);
    return key - Qt::Key_0 < channel_->count() && show(PreviewKind::OneChannel);
  }
  switch (key) {
    case Qt::Key_C: return show(PreviewKind::Colour);
    case Qt::Key_A: return show(PreviewKind::AllChannels);
    case Qt::Key_BracketLeft: return crop_->setValue(crop_->value() - 1), true;
    case Qt::Key_BracketRight: return crop_->setValue(crop_->value() + 1), true;
    default: return false;
  }
}

void ViewBar::apply() {
  if (filling_) return;
  options_.kind = static_cast<PreviewKind>(kinds_->checkedId());
  options_.colours = static_cast<data::pictures::Colours>(colours_->currentData().toInt());
  options_.channel = std::max(0, channel_->currentIndex());
  options_.crop = crop_->value();
  options_.tile = size_->value();
  cropText_->setText(tr("%1 of %2").arg(crop_->value() + 1).arg(crop_->maximum() + 1));
  limitBox_->setEnabled(options_.kind != PreviewKind::Colour);
  Q_EMIT changed(options_);
}

}  // namespace dw::ui
