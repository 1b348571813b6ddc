// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/pictures_view.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "numbers/number_text.h"
#include "panels/samples/sample_text.h"
#include "pictures/picture_file.h"
#include "pictures/picture_sheet.h"
#include "pictures/tile_painter.h"
#include "session/background_job.h"
#include "session/sampling/sample_export.h"
#include "session/sampling/sample_tiles.h"
#include "theme/icons.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

constexpr float kLimit = 3.0F;  // of channels, in the model's scale
constexpr int kPictureHeight = 112;
enum Kind { Colours, Channels, Decoded };  // rows of the box

QPushButton* button(const char* name, const QString& text, const QString& tip) {
  auto* made = new QPushButton(text);
  made->setObjectName(QLatin1String(name));
  made->setToolTip(tip);
  return made;
}

QPixmap pixmapOf(const data::pictures::PreviewImage& picture) {
  return QPixmap::fromImage(
      QImage(picture.rgb.data(), picture.width, picture.height, 3 * picture.width, QImage::Format_RGB888));
}

QLabel* note(const char* name) {
  auto* made = new QLabel;
  made->setObjectName(QLatin1String(name));
  made->setProperty("muted", true);
  made->setWordWrap(true);
  return made;
}

}  // namespace

PicturesView::PicturesView(SampleDecoder::Opener decoder, QWidget* parent)
    : QWidget(parent), decoder_(new SampleDecoder(std::move(decoder), this)) {
  setObjectName(QStringLiteral("picturesView"));
  build();
  layOut();
  connect(kind_, &QComboBox::activated, this, &PicturesView::chooseKind);
  connect(kind_, &QComboBox::currentIndexChanged, this, &PicturesView::refresh);
  connect(decoder_, &SampleDecoder::opened, this, &PicturesView::refresh);
  connect(decoder_, &SampleDecoder::decoded, this, &PicturesView::showDecoded);
  connect(decoder_, &SampleDecoder::refused, this, &PicturesView::dropDecoder);
  connect(keep_, &QPushButton::clicked, this, &PicturesView::keepRequested);
  connect(drop_, &QPushButton::clicked, this, &PicturesView::dropRequested);
  connect(picture_, &QPushButton::clicked, this, &PicturesView::savePicture);
  connect(numbers_, &QPushButton::clicked, this, &PicturesView::saveNumbers);
  for (auto* sheet : {sheet_, keptSheet_}) connect(sheet, &PictureSheet::chosen, this, &PicturesView::chosen);
}

void PicturesView::build() {
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("samplesKind"));
  kind_->setAccessibleName(tr("How samples are shown"));
  kind_->addItems({tr("≈ colours"), tr("all channels")});
  if (decoder_->isAvailable()) kind_->addItem(tr("decoder…"));
  kind_->setToolTip(tr(
      "Approximate colours, every channel, or the pictures of a decoder for Stable Diffusion latents (TAESD, a safetensors file of yours)"));
  keep_ =
      button("samplesKeep", tr("Keep as A"), tr("Keeps these samples as A; the next ones become B, to be compared"));
  drop_ = button("samplesDrop", tr("Let A go"), tr("Shows the newest samples alone"));
  picture_ = button("samplesSave", tr("Save as picture…"), tr("The sheet as PNG or SVG"));
  picture_->setIcon(theme::icon(QStringLiteral("export")));
  numbers_ = button("samplesNumbers", tr("Save numbers…"),
                    tr("The latents in the scale of the dataset, with labels: .npz, .safetensors or .h5"));
  numbers_->setIcon(theme::icon(QStringLiteral("export")));
  note_ = note("samplesNote");
  keptNote_ = note("samplesKeptNote");
  sheet_ = new PictureSheet;
  sheet_->setObjectName(QStringLiteral("samplesSheet"));
  sheet_->setAccessibleName(tr("Samples"));
  keptSheet_ = new PictureSheet;
  keptSheet_->setObjectName(QStringLiteral("samplesKeptSheet"));
  keptSheet_->setAccessibleName(tr("Samples A"));
  for (auto* sheet : {sheet_, keptSheet_}) {
    sheet->setPictureHeight(kPictureHeight);
    sheet->setChoosing(true);
  }
}

void PicturesView::layOut() {
  keptBox_ = new QWidget;
  auto* keptColumn = new QVBoxLayout(keptBox_);
  keptColumn->setContentsMargins(0, 0, 0, 0);
  keptColumn->setSpacing(8);
  keptColumn->addWidget(keptNote_);
  keptColumn->addWidget(theme::scrolled(keptSheet_, "samplesKeptScroll", tr("Samples A")), 1);
  auto* column = new QVBoxLayout;
  column->setSpacing(8);
  column->addWidget(note_);
  column->addWidget(theme::scrolled(sheet_, "samplesSheetScroll", tr("Samples")), 1);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(8);
  bar->addWidget(kind_);
  bar->addWidget(keep_);
  bar->addWidget(drop_);
  bar->addStretch(1);
  bar->addWidget(picture_);
  bar->addWidget(numbers_);
  auto* both = new QHBoxLayout;
  both->setSpacing(16);
  both->addWidget(keptBox_, 1);
  both->addLayout(column, 1);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 8, 0, 0);
  outer->setSpacing(8);
  outer->addLayout(bar);
  outer->addLayout(both, 1);
}

int PicturesView::current() const { return sheet_->current(); }

void PicturesView::setCurrent(int index) {
  sheet_->setCurrent(index);
  keptSheet_->setCurrent(index);
}

void PicturesView::setSamples(std::shared_ptr<const inference::SampleSet> kept,
                              std::shared_ptr<const inference::SampleSet> newest,
                              const data::pictures::RgbProjection& projection) {
  projection_ = projection;
  kept_ = std::move(kept);
  newest_ = std::move(newest);
  refresh();
}

void PicturesView::fill(PictureSheet* sheet, const std::shared_ptr<const inference::SampleSet>& made) const {
  const auto& samples = *made;
  const bool colours = kind_->currentIndex() != Channels;
  const auto decoded = kind_->currentIndex() == Decoded ? decoder_->picturesOf(made) : SampleDecoder::Pictures();
  const TileLook look{colours ? PreviewKind::Colour : PreviewKind::AllChannels, 0, kLimit, projection_};
  QList<PictureSheet::Cell> cells;
  for (qint64 i = 0; i < samples.request.count; ++i) {
    if (i < static_cast<qint64>(decoded.size())) {
      cells.append({classText(samples, i), pixmapOf(decoded[static_cast<std::size_t>(i)])});
      continue;
    }
    const auto tile = tileOf(samples, i);
    cells.append({classText(samples, i), paintTile(colours ? asStored(samples, tile) : tile, look)});
  }
  sheet->setCells(cells);
}

void PicturesView::refresh() {
  if (!newest_) return;
  fill(sheet_, newest_);
  const bool both = kept_ && kept_ != newest_;
  keptBox_->setVisible(both);
  if (both)
    fill(keptSheet_, kept_);
  else
    keptSheet_->setCells({});
  showNotes();
}

void PicturesView::showDecoded(const std::shared_ptr<const inference::SampleSet>& samples, int index,
                               const data::pictures::PreviewImage& picture) {
  if (kind_->currentIndex() != Decoded) return;
  if (samples == newest_)
    sheet_->setPicture(index, pixmapOf(picture));
  else if (samples == kept_)
    keptSheet_->setPicture(index, pixmapOf(picture));
}

void PicturesView::showNotes() {
  const bool both = kept_ && kept_ != newest_;
  keep_->setEnabled(kept_ != newest_);
  keep_->setText(kept_ == newest_ ? tr("Kept as A") : tr("Keep as A"));
  drop_->setVisible(kept_ != nullptr);
  const auto seconds = [](const inference::SampleSet& samples) { return secondsText(samples.seconds); };
  note_->setText(both ? tr("B: %1, in %2").arg(jobText(*newest_), seconds(*newest_))
                      : tr("%1, in %2").arg(jobText(*newest_), seconds(*newest_)));
  if (!both) return;
  QString text = tr("A: %1, in %2").arg(jobText(*kept_), seconds(*kept_));
  if (kept_->model.channels != newest_->model.channels)
    text += tr(" — has another number of channels than B: only its channels can be shown");
  keptNote_->setText(text);
}

void PicturesView::chooseKind() {
  if (kind_->currentIndex() != Decoded || decoder_->isOpen()) return;
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Choose a TAESD decoder"), QString(), tr("safetensors (*.safetensors)"));
  if (path.isEmpty())
    kind_->setCurrentIndex(Colours);
  else
    useDecoder(path);
}

void PicturesView::useDecoder(const QString& path) {
  decoder_->open(path);
  kind_->setCurrentIndex(Decoded);
}

void PicturesView::dropDecoder(const QString& sentence, const QString& remedy) {
  kind_->setCurrentIndex(Colours);
  decoder_->close();
  Q_EMIT troubleRaised(sentence, remedy);
}

void PicturesView::savePicture() {
  const QString path = askForPictureFile(this, tr("Save the samples"), QStringLiteral("samples"));
  if (path.isEmpty()) return;
  if (!sheet_->writeTo(path))
    Q_EMIT troubleRaised(tr("%1 could not be written.").arg(path), tr("Choose another folder."));
}

void PicturesView::saveNumbers() {
  QString filter;
  QString path =
      QFileDialog::getSaveFileName(this, tr("Save the numbers of the samples"), QStringLiteral("samples.npz"),
                                   tr("NumPy (*.npz);;safetensors (*.safetensors);;HDF5 (*.h5)"), &filter);
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty())
    path += filter.contains(QLatin1String("npz"))  ? QStringLiteral(".npz")
            : filter.contains(QLatin1String("h5")) ? QStringLiteral(".h5")
                                                   : QStringLiteral(".safetensors");
  saveNumbersTo(path);
}

void PicturesView::saveNumbersTo(const QString& path) {
  if (!newest_) return;
  numbers_->setEnabled(false);  // until this file is there
  runInBackground(
      this,
      [samples = newest_, file = path.toStdString()] {
        writeSamples(*samples, file);
        return true;
      },
      [this, path](bool) {
        numbers_->setEnabled(true);
        Q_EMIT saved(path);
      },
      [this](const JobFailure& failure) {
        numbers_->setEnabled(true);
        Q_EMIT troubleRaised(failure.sentence, failure.remedy);
      });
}

}  // namespace dw::ui
