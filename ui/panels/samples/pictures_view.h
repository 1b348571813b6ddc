// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>
#include <memory>

#include "data/pictures/rgb_projection.h"
#include "inference/sample_set.h"
#include "session/sampling/sample_decoder.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace dw::ui {

class PictureSheet;

/// The samples as a sheet, those of A and B beside each other, and the ways to keep them: as A, as a picture, as numbers.
class PicturesView : public QWidget {
  Q_OBJECT

 public:
  /// decoder: how a file of the user's becomes one; empty: this build has none.
  explicit PicturesView(SampleDecoder::Opener decoder, QWidget* parent = nullptr);

  /// kept: A; null = there is only one. newest is never null; the projection is for its channels.
  void setSamples(std::shared_ptr<const inference::SampleSet> kept, std::shared_ptr<const inference::SampleSet> newest,
                  const data::pictures::RgbProjection& projection);
  int current() const;
  void setCurrent(int index);
  /// Writes the numbers of the newest samples; the ending of the path says how. Answer: saved, or troubleRaised.
  void saveNumbersTo(const QString& path);
  /// Shows the samples as that decoder sees them, or says why it cannot.
  void useDecoder(const QString& path);

 Q_SIGNALS:
  void chosen(int index);
  void keepRequested();
  void dropRequested();
  void saved(const QString& path);
  void troubleRaised(const QString& sentence, const QString& remedy);

 private:
  void build();
  void layOut();
  void refresh();
  void showNotes();
  void fill(PictureSheet* sheet, const std::shared_ptr<const inference::SampleSet>& samples) const;
  /// One more picture of the decoder: it alone is painted.
  void showDecoded(const std::shared_ptr<const inference::SampleSet>& samples, int index,
                   const data::pictures::PreviewImage& picture);
  void savePicture();
  void saveNumbers();
  /// "decoder…" was chosen: asks for its file, unless one is open.
  void chooseKind();
  void dropDecoder(const QString& sentence, const QString& remedy);

  std::shared_ptr<const inference::SampleSet> kept_, newest_;
  data::pictures::RgbProjection projection_;
  SampleDecoder* decoder_;
  QComboBox* kind_ = nullptr;
  QPushButton* keep_ = nullptr;
  QPushButton* drop_ = nullptr;
  QPushButton* picture_ = nullptr;
  QPushButton* numbers_ = nullptr;
  QLabel* note_ = nullptr;
  QLabel* keptNote_ = nullptr;
  QWidget* keptBox_ = nullptr;
  PictureSheet* sheet_ = nullptr;
  PictureSheet* keptSheet_ = nullptr;
};

}  // namespace dw::ui
