// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "session/dataset_jobs.h"

class QButtonGroup;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;

namespace dw::ui {

/// How samples are shown: every choice of the bar above the grid.
struct ViewOptions {
  PreviewKind kind = PreviewKind::Colour;
  std::int64_t channel = 0;
  std::int64_t crop = 0;
  float limit = 1.0F;  ///< shared by all channels, symmetric about 0
  int tile = 72;       ///< height of one picture in the grid, logical pixels
  bool operator==(const ViewOptions&) const = default;
};

/// Colours | one channel | all channels, the crop slider, the colour limits and the size of the pictures.
class ViewBar : public QWidget {
  Q_OBJECT

 public:
  explicit ViewBar(QWidget* parent = nullptr);
  /// Offers what this dataset has; limit: where the colour map ends at first.
  void setDataset(const data::SourceInfo& info, float limit);
  const ViewOptions& options() const { return options_; }

 Q_SIGNALS:
  void changed(const dw::ui::ViewOptions& options);

 private:
  QWidget* buildKinds();
  QWidget* buildCrop();
  QWidget* buildLimit();
  QWidget* buildSize();
  void apply();

  ViewOptions options_;
  QButtonGroup* kinds_ = nullptr;
  QComboBox* channel_ = nullptr;
  QWidget* cropBox_ = nullptr;
  QSlider* crop_ = nullptr;
  QLabel* cropText_ = nullptr;
  QWidget* limitBox_ = nullptr;
  QDoubleSpinBox* limit_ = nullptr;
  QSlider* size_ = nullptr;
  bool filling_ = false;
};

}  // namespace dw::ui
