// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "data/pictures/rgb_projection.h"
#include "inference/sample_set.h"

class QLabel;

namespace dw::ui {

class SampleStrip;

/// The same picture of two orders, and what differs: A | B | B - A.
class ComparisonView : public QWidget {
  Q_OBJECT

 public:
  explicit ComparisonView(QWidget* parent = nullptr);
  void setSamples(std::shared_ptr<const inference::SampleSet> first,
                  std::shared_ptr<const inference::SampleSet> second);
  void setPicture(int index);
  void setLook(const data::pictures::RgbProjection& projection);

 private:
  void refresh();

  std::shared_ptr<const inference::SampleSet> first_, second_;
  int picture_ = 0;
  SampleStrip* strip_ = nullptr;
  QLabel* note_ = nullptr;
};

}  // namespace dw::ui
