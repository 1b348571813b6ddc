// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "pictures/tile_painter.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace dw::ui {

class NoiseLab;
class PictureSheet;

/// x_t at a typed list of timesteps, as a sheet that can be saved.
class ContactSheet : public QWidget {
  Q_OBJECT

 public:
  explicit ContactSheet(NoiseLab* lab, QWidget* parent = nullptr);
  void setLook(const data::pictures::RgbProjection& projection, float limit);
  /// False if the file cannot be written.
  bool exportTo(const QString& path) const;

 Q_SIGNALS:
  void exportFailed(const QString& path);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void spread();
  void refresh();
  void askExport();

  NoiseLab* lab_;
  data::pictures::RgbProjection projection_;
  float limit_ = 3.0F;
  bool stale_ = true;
  QLineEdit* list_ = nullptr;
  QComboBox* kind_ = nullptr;
  QPushButton* save_ = nullptr;
  QLabel* problem_ = nullptr;
  PictureSheet* view_ = nullptr;
};

}  // namespace dw::ui
