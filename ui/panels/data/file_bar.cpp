// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/file_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStandardItemModel>
#include <algorithm>

#include "panels/data/array_chooser.h"
#include "panels/data/axes_editor.h"
#include "session/dataset/dataset_session.h"

namespace dw::ui {

FileBar::FileBar(DatasetSession* session, QWidget* parent)
    : QWidget(parent), session_(session), arrayBox_(new QWidget), array_(new QComboBox), axes_(new AxesEditor) {
  auto* caption = new QLabel(tr("Array"));
  caption->setBuddy(array_);
  array_->setObjectName(QStringLiteral("array"));
  array_->setAccessibleName(tr("Array of the file"));
  array_->setToolTip(tr("The file holds several arrays: this one is shown and trained on"));
  auto* arrayRow = new QHBoxLayout(arrayBox_);
  arrayRow->setContentsMargins(0, 0, 0, 0);
  arrayRow->setSpacing(6);
  arrayRow->addWidget(caption);
  arrayRow->addWidget(array_);
  // a long name must not widen the window
  array_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  array_->setMinimumContentsLength(28);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  row->addWidget(arrayBox_);
  row->addWidget(axes_, 1);
  connect(array_, &QComboBox::activated, this, &FileBar::chooseArray);
  connect(axes_, &AxesEditor::axesChosen, this, [this](const QString& axes) {
    session_->open(session_->path(), DatasetChoice{session_->choice().dataset, axes});
  });
  connect(session_, &DatasetSession::opened, this, &FileBar::showDataset);
  connect(session_, &DatasetSession::candidatesReady, this, &FileBar::showArrays);
  // An order or array that was refused: the fields say again what is open.
  connect(session_, &DatasetSession::failed, this, &FileBar::showDataset);
  showDataset();
}

void FileBar::showDataset() {
  if (!session_->isOpen()) return;
  const auto& info = session_->source()->info();
  axes_->setAxes(info.stored, info.axes, session_->choice().axes.isEmpty());
  axes_->setVisible(!info.stored.empty());  // pictures have no array whose axes could be otherwise
  showArrays();
}

void FileBar::showArrays() {
  const auto& all = session_->candidates();
  const auto fitting = std::count_if(all.begin(), all.end(), [](const auto& one) { return one.fits; });
  arrayBox_->setVisible(fitting > 1);
  setVisible(fitting > 1 || !axes_->isHidden());
  array_->clear();
  if (fitting < 2 || !session_->isOpen()) return;
  const auto& open = session_->source()->info().dataset;
  for (const auto& one : all) {
    array_->addItem(candidateText(one), QString::fromStdString(one.name));
    auto* item = static_cast<QStandardItemModel*>(array_->model())->item(array_->count() - 1);
    item->setEnabled(one.fits);
    if (!one.fits) item->setToolTip(tr("Not a row of latents: these are floating numbers on three to five axes"));
    if (one.name == open) array_->setCurrentIndex(array_->count() - 1);
  }
}

void FileBar::chooseArray(int index) {
  const auto& all = session_->candidates();
  if (index < 0 || static_cast<std::size_t>(index) >= all.size()) return;
  const auto& one = all[static_cast<std::size_t>(index)];
  if (one.name != session_->source()->info().dataset) session_->open(session_->path(), choiceOf(one));
}

}  // namespace dw::ui
