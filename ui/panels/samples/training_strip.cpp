// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/training_strip.h"

#include <QDir>
#include <QFileInfo>
#include <QImageReader>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "numbers/number_text.h"
#include "pictures/picture_sheet.h"
#include "session/background_job.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

constexpr int kLookMs = 2000;
constexpr int kMostPictures = 200;  // the newest; a sheet of more shows nothing
constexpr qint64 kLargestFile = 4 << 20;
constexpr int kLargestSide = 8192;  // pixels

/// Pictures of a run, oldest first; those that are known and were not drawn again are not read again. The folder may come
/// from anybody: sizes are bounded.
std::vector<TrainingPicture> lookFor(const QString& folder, const std::vector<TrainingPicture>& known) {
  std::vector<TrainingPicture> all;
  auto files = QDir(folder).entryInfoList({QStringLiteral("step-*.png")}, QDir::Files, QDir::Name);
  if (files.size() > kMostPictures) files = files.mid(files.size() - kMostPictures);
  for (const auto& file : files) {
    bool isStep = false;
    const qint64 step = file.completeBaseName().mid(5).toLongLong(&isStep);
    if (!isStep || file.size() > kLargestFile) continue;
    const auto before = std::find_if(known.begin(), known.end(), [&](const TrainingPicture& p) {
      return p.step == step && p.written == file.lastModified();
    });
    if (before != known.end()) {
      all.push_back(*before);
      continue;
    }
    QImageReader reader(file.filePath());
    if (reader.size().width() > kLargestSide || reader.size().height() > kLargestSide) continue;
    if (const QImage image = reader.read(); !image.isNull()) all.push_back({step, file.lastModified(), image});
  }
  std::sort(all.begin(), all.end(), [](const TrainingPicture& a, const TrainingPicture& b) { return a.step < b.step; });
  return all;
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
  auto* scroll = theme::scrolled(sheet_, "trainingStripScroll", tr("Samples drawn while training"));
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
  runInBackground(
      this, [folder = run_ + QStringLiteral("/samples"), known = known_] { return lookFor(folder, known); },
      [this, run = run_](const std::vector<TrainingPicture>& found) {
        looking_ = false;
        if (run != run_) return look();
        if (found == known_) return;
        known_ = found;
        refresh();
      },
      [this](const JobFailure&) { looking_ = false; });  // a folder that cannot be read has no pictures to show
}

void TrainingStrip::refresh() {
  QList<PictureSheet::Cell> cells;
  for (const auto& picture : known_)
    cells.append({tr("step %1").arg(count(picture.step)), QPixmap::fromImage(picture.image)});
  sheet_->setCells(cells);
  note_->setText(
      cells.isEmpty() ? hint_ : tr("Always from the same noise, with the average of the weights where there is one."));
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
