// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/comparison_view.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "numbers/number_text.h"
#include "panels/samples/sample_text.h"
#include "pictures/sample_strip.h"
#include "session/sampling/sample_tiles.h"

namespace dw::ui {
namespace {

constexpr float kLimit = 3.0F;

/// b - a, in the scale of the tiles.
PreviewTile difference(const PreviewTile& a, const PreviewTile& b) {
  auto out = a;
  std::vector<float> values(*b.values);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= (*a.values)[i];
  out.values = std::make_shared<const std::vector<float>>(std::move(values));
  return out;
}

double rootMeanSquare(const PreviewTile& tile) {
  double sum = 0.0;
  for (const float value : *tile.values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, tile.values->size())));
}

}  // namespace

ComparisonView::ComparisonView(QWidget* parent) : QWidget(parent), strip_(new SampleStrip), note_(new QLabel) {
  setObjectName(QStringLiteral("comparisonView"));
  strip_->setObjectName(QStringLiteral("comparisonStrip"));
  strip_->setAccessibleName(tr("Picture of A, of B, and what differs"));
  note_->setObjectName(QStringLiteral("comparisonNote"));
  note_->setProperty("muted", true);
  note_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(note_);
  column->addWidget(strip_, 1);
  refresh();
}

void ComparisonView::setSamples(std::shared_ptr<const inference::SampleSet> first,
                                std::shared_ptr<const inference::SampleSet> second) {
  first_ = std::move(first);
  second_ = std::move(second);
  refresh();
}

void ComparisonView::setPicture(int index) {
  picture_ = std::max(0, index);
  refresh();
}

void ComparisonView::setLook(const data::pictures::RgbProjection& projection) { strip_->setLook(projection, kLimit); }

void ComparisonView::refresh() {
  strip_->setEntries({});
  if (!first_ || !second_) {
    note_->setText(tr(
        "Sample once, press “Keep as A”, change the checkpoint or anything else, and sample again: here you see what differs."));
    return;
  }
  if (picture_ >= std::min(first_->request.count, second_->request.count))
    return note_->setText(tr("One of the two has no picture of this number."));
  if (first_->sampleSize() != second_->sampleSize() || first_->model.channels != second_->model.channels) {
    return note_->setText(tr("A and B are samples of different size, so they cannot be compared."));
  }
  const auto a = tileOf(*first_, picture_), b = tileOf(*second_, picture_);
  const auto d = difference(a, b), storedDifference = difference(asStored(*first_, a), asStored(*second_, b));
  QString note = tr("A: %1\nB: %2\nRoot mean square of the difference: %3")
                     .arg(jobText(*first_), jobText(*second_), shortNumber(rootMeanSquare(d)));
  if (first_->request.seed != second_->request.seed)
    note += QStringLiteral("\n") + tr("They began from different noise: give both the same seed to compare.");
  note_->setText(note);
  strip_->setEntries({{QStringLiteral("A"), tr("picture %1").arg(picture_ + 1), a, asStored(*first_, a)},
                      {QStringLiteral("B"), tr("picture %1").arg(picture_ + 1), b, asStored(*second_, b)},
                      {QStringLiteral("B − A"), tr("grey = the same"), d, storedDifference}});
}

}  // namespace dw::ui
