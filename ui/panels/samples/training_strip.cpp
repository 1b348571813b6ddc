// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/training_strip.h"

#include <QDir>
#include <QFileInfo>
#include <QImageReader>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "pictures/picture_sheet.h"
#include "pictures/pixels.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

constexpr int kLookMs = 2000;
constexpr int kMostPictures = 200;  // the newest; a sheet of more shows nothing
constexpr qint64 kLargestFile = 4 << 20;

struct Found {
  qint64 step = 0;
  QString path;
  QImage image;
};

/// Pictures of a run that are not known yet, oldest first. The folder may come from anybody: sizes are bounded.
std::vector<Found> lookFor(const QString& folder, const QStringList& known) {
  std::vector<Found> found;
  auto names = QDir(folder).entryInfoList({QStringLiteral("step-*.png")}, QDir::Files, QDir::Name);
  if (names.size() > kMostPictures) names = names.mid(names.size() - kMostPictures);
  for (const auto& file : names) {
    bool isStep = false;
    const qint64 step = file.completeBaseName().mid(5).toLongLong(&isStep);
    if (!isStep || file.size() > kLargestFile || known.contains(file.filePath())) continue;
    QImageReader reader(file.filePath());
    if (reader.size().width() > 8192 || reader.size().height() > 8192) continue;
    if (const QImage image = reader.read(); !image.isNull()) found.push_back({step, file.filePath(), image});
  }
  return found;
}

}  // namespace

TrainingStrip::TrainingStrip(QWidget* parent) : QWidget(parent), note_(new QLabel), sheet_(new PictureSheet) {
  setObjectName(QStringLiteral("trainingStrip"));
  note_->setObjectName(QStringLiteral("trainingStripNote"));
  note_->setProperty("muted", true);
  note_->setWordWrap(true);
  sheet_->setObjectName(QStringLiteral("trainingSheet"));
  sheet_->setAccessibleName(tr("Samples drawn while training, by step"));
  sheet_->setPictureHeight(72);
  auto* scroll = new QScrollArea;
  scroll->setObjectName(QStringLiteral("trainingStripScroll"));
  scroll->setAccessibleName(tr("Samples drawn while training"));
  scroll->setWidget(sheet_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(note_);
  column->addWidget(scroll, 1);
  timer_.setInterval(kLookMs);
  connect(&timer_, &QTimer::timeout, this, &TrainingStrip::look);
  refresh();
}

void TrainingStrip::setRun(const QString& folder) {
  if (folder == run_) return;
  run_ = folder;
  known_.clear();
  refresh();
  if (isVisible()) look();
}

void TrainingStrip::setHint(const QString& hint) {
  hint_ = hint;
  refresh();
}

void TrainingStrip::look() {
  if (looking_ || run_.isEmpty()) return;
  looking_ = true;
  QStringList known;
  for (const auto& picture : known_) known << picture.path;
  runInBackground(
      this, [folder = run_ + QStringLiteral("/samples"), known] { return lookFor(folder, known); },
      [this, run = run_](const std::vector<Found>& found) {
        looking_ = false;
        if (run != run_) return look();
        for (const auto& one : found) known_.push_back({one.step, one.path, QPixmap::fromImage(one.image)});
        std::sort(known_.begin(), known_.end(), [](const Picture& a, const Picture& b) { return a.step < b.step; });
        if (!found.empty()) refresh();
      },
      [this](const JobFailure&) { looking_ = false; });  // a folder that cannot be read has no pictures to show
}

void TrainingStrip::refresh() {
  QList<PictureSheet::Cell> cells;
  for (const auto& picture : known_) cells.append({tr("step %1").arg(count(picture.step)), picture.pixmap});
  sheet_->setCells(cells);
  note_->setText(cells.isEmpty() ? hint_ : tr("Always from the same noise, with the average of the weights where there is one."));
}

void TrainingStrip::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  timer_.start();
  look();
}

void TrainingStrip::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  timer_.stop();
}

}  // namespace dw::ui
