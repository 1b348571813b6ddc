// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QTimer>
#include <QWidget>
#include <memory>

#include "data/pictures/rgb_projection.h"
#include "inference/sample_set.h"

class QLabel;
class QPushButton;
class QSlider;

namespace dw::ui {

class SampleStrip;

/// The way from noise to a sample, step by step: the state, and the end as the model sees it from there. With two orders,
/// both ways beside each other.
class ProcessPlayer : public QWidget {
  Q_OBJECT

 public:
  explicit ProcessPlayer(QWidget* parent = nullptr);

  /// first or second may be null.
  void setSamples(std::shared_ptr<const inference::SampleSet> first,
                  std::shared_ptr<const inference::SampleSet> second);
  void setPicture(int index);
  void setLook(const data::pictures::RgbProjection& projection);
  bool isPlaying() const { return timer_.isActive(); }
  /// 0 = the first model call .. 1 = the end.
  double place() const;

 public Q_SLOTS:
  void play();
  void pause();
  void stepBy(int frames);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void tick();
  void refresh();
  int frameCount() const;
  const inference::SampleFrame* frameAt(const inference::SampleSet& samples) const;

  std::shared_ptr<const inference::SampleSet> first_, second_;
  int picture_ = 0;
  QTimer timer_;
  SampleStrip* strip_ = nullptr;
  QSlider* slider_ = nullptr;
  QPushButton* play_ = nullptr;
  QPushButton* back_ = nullptr;
  QPushButton* next_ = nullptr;
  QLabel* note_ = nullptr;
};

}  // namespace dw::ui
