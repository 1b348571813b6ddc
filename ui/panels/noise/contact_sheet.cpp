// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/contact_sheet.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "pictures/picture_file.h"
#include "pictures/picture_sheet.h"
#include "session/noise/noise_lab.h"
#include "theme/icons.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

constexpr qint64 kUsual = 11;  // pictures until somebody types a list

}  // namespace

ContactSheet::ContactSheet(NoiseLab* lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName(QStringLiteral("contactSheet"));
  list_ = new QLineEdit;
  list_->setObjectName(QStringLiteral("sheetTimes"));
  list_->setAccessibleName(tr("Timesteps of the contact sheet"));
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("sheetKind"));
  kind_->setAccessibleName(tr("What the sheet shows"));
  kind_->addItems({tr("≈ colours"), tr("all channels")});
  save_ = new QPushButton(theme::icon(QStringLiteral("export")), tr("Save as picture…"));
  save_->setObjectName(QStringLiteral("sheetExport"));
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("sheetProblem"));
  problem_->setProperty("problem", true);
  problem_->hide();
  view_ = new PictureSheet;
  auto* scroll = theme::scrolled(view_, "sheetScroll", tr("Contact sheet"));
  auto* label = new QLabel(tr("x_t at t ="));
  label->setBuddy(list_);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(label);
  row->addWidget(list_, 1);
  row->addWidget(kind_);
  row->addWidget(save_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->addLayout(row);
  column->addWidget(problem_);
  column->addWidget(scroll, 1);
  spread();
  connect(list_, &QLineEdit::textEdited, this, &ContactSheet::refresh);
  connect(kind_, &QComboBox::currentIndexChanged, this, &ContactSheet::refresh);
  connect(save_, &QPushButton::clicked, this, &ContactSheet::askExport);
  connect(lab_, &NoiseLab::scheduleChanged, this, [this] {
    spread();
    refresh();
  });
  connect(lab_, &NoiseLab::sampleChanged, this, &ContactSheet::refresh);
}

void ContactSheet::setLook(const data::pictures::RgbProjection& projection, float limit) {
  projection_ = projection;
  limit_ = limit;
  refresh();
}

/// Evenly over this schedule's T, unless somebody has typed a list.
void ContactSheet::spread() {
  if (list_->isModified()) return;
  QStringList times;
  for (qint64 i = 0; i < std::min(kUsual, lab_->steps()); ++i) {
    times << QString::number(lab_->steps() == 1 ? 0 : i * (lab_->steps() - 1) / (std::min(kUsual, lab_->steps()) - 1));
  }
  list_->setText(times.join(QStringLiteral(", ")));
}

void ContactSheet::refresh() {
  stale_ = !isVisible();
  if (stale_) return;
  const auto list = schedule::parseTimesteps(list_->text().toStdString(), lab_->steps());
  problem_->setVisible(!list.problems.empty());
  if (!list.problems.empty())
    problem_->setText(QString::fromStdString(list.problems.front().sentence + "; " + list.problems.front().remedy));
  QList<PictureSheet::Cell> cells;
  const bool colours = kind_->currentIndex() == 0;
  const TileLook look{colours ? PreviewKind::Colour : PreviewKind::AllChannels, 0, limit_, projection_};
  for (std::size_t i = 0; i < std::min(list.values.size(), schedule::kMostTimesteps) && lab_->hasSample(); ++i) {
    const auto tile = lab_->noised(list.values[i]);
    cells.append({tr("t = %1").arg(list.values[i]), paintTile(colours ? lab_->asStored(tile) : tile, look)});
  }
  view_->setCells(cells);
  save_->setEnabled(!cells.isEmpty());
}

void ContactSheet::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (stale_) refresh();
}

bool ContactSheet::exportTo(const QString& path) const { return view_->writeTo(path); }

void ContactSheet::askExport() {
  const QString path = askForPictureFile(this, tr("Save the contact sheet"), QStringLiteral("x_t"));
  if (!path.isEmpty() && !exportTo(path)) Q_EMIT exportFailed(path);
}

}  // namespace dw::ui
