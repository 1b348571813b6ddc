// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QImage>
#include <QTimer>
#include <QWidget>
#include <vector>

class QLabel;

namespace dw::ui {

class PictureSheet;

/// A picture that a run has drawn while it trained.
struct TrainingPicture {
  qint64 step = 0;
  QDateTime written;
  QImage image;
  bool operator==(const TrainingPicture& other) const { return step == other.step && written == other.written; }
};

/// The pictures that a run has drawn while it trained (samples/step-*.png of its folder), along the steps: always from the
/// same noise, so that one sees what the model learns. Looks again while it is seen.
class TrainingStrip : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingStrip(QWidget* parent = nullptr);
  void setRun(const QString& folder);
  /// Where the recipe is set: sample.every.
  void setHint(const QString& hint);
  int pictureCount() const { return static_cast<int>(known_.size()); }

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void look();
  void refresh();

  QString run_, hint_;
  std::vector<TrainingPicture> known_;
  QTimer timer_;
  bool looking_ = false;
  QLabel* note_ = nullptr;
  PictureSheet* sheet_ = nullptr;
};

}  // namespace dw::ui
