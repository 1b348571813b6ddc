// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "data/latent_source.h"
#include "panels/data/view_options.h"

class QButtonGroup;
class QComboBox;
class QDoubleSpinBox;
class QKeyEvent;
class QLabel;
class QSlider;

namespace dw::ui {

/// Colours | one channel | all channels, the crop slider, the colour limits and the size of the pictures.
class ViewBar : public QWidget {
  Q_OBJECT

 public:
  explicit ViewBar(QWidget* parent = nullptr);
  /// Offers what this dataset has; limit: where the colour map ends at first.
  void setDataset(const data::SourceInfo& info, float limit);
  /// As if it had been typed, but not rounded to what the field shows.
  void setLimit(float limit);
  /// Keys that work while the grid has the focus: 0 - 9 one channel, C colours, A all channels, [ and ] the crop.
  bool takeKey(const QKeyEvent& event);
  const ViewOptions& options() const { return options_; }

 Q_SIGNALS:
  void changed(const dw::ui::ViewOptions& options);

 private:
  QWidget* buildKinds();
  QWidget* buildCrop();
  QWidget* buildLimit();
  QWidget* buildSize();
  void fillColours(std::int64_t channels);
  void apply();

  ViewOptions options_;
  QButtonGroup* kinds_ = nullptr;
  QComboBox* colours_ = nullptr;
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
