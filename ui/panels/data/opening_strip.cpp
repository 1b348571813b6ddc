// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/opening_strip.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include "session/dataset/dataset_session.h"

namespace dw::ui {
namespace {
constexpr int kBlinkMs = 250;
}

OpeningStrip::OpeningStrip(DatasetSession* session, QWidget* parent)
    : QFrame(parent), text_(new QLabel), progress_(new QProgressBar), left_(new QLabel) {
  setObjectName(QStringLiteral("openingStrip"));
  setProperty("card", QStringLiteral("info"));
  text_->setObjectName(QStringLiteral("openingText"));
  text_->setTextFormat(Qt::PlainText);
  text_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  progress_->setObjectName(QStringLiteral("openingProgress"));
  progress_->setAccessibleName(tr("Progress of opening"));
  progress_->setFixedWidth(200);
  left_->setObjectName(QStringLiteral("openingLeft"));
  left_->setProperty("muted", true);
  auto* cancel = new QPushButton(tr("Cancel"));
  cancel->setObjectName(QStringLiteral("openingCancel"));
  cancel->setAccessibleName(tr("Cancel opening"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 8, 6);
  row->setSpacing(12);
  row->addWidget(text_, 1);
  row->addWidget(left_);
  row->addWidget(progress_);
  row->addWidget(cancel);
  hide();
  soon_.setSingleShot(true);
  soon_.setInterval(kBlinkMs);
  connect(&soon_, &QTimer::timeout, this, &QWidget::show);
  connect(cancel, &QPushButton::clicked, session, &DatasetSession::cancelOpening);
  connect(session, &DatasetSession::opening, this, &OpeningStrip::begin);
  connect(session, &DatasetSession::openingProgress, this, &OpeningStrip::report);
  connect(session, &DatasetSession::opened, this, &OpeningStrip::end);
  connect(session, &DatasetSession::failed, this, &OpeningStrip::end);
  connect(session, &DatasetSession::choiceNeeded, this, &OpeningStrip::end);
  connect(session, &DatasetSession::openingCancelled, this, &OpeningStrip::end);
}

void OpeningStrip::begin(const QString& path) {
  text_->setText(tr("Opening “%1”…").arg(QFileInfo(path).fileName()));
  left_->clear();
  progress_->setRange(0, 0);  // how long is not known yet
  activity_.clear();
  soon_.start();
}

void OpeningStrip::report(const QString& activity, double fraction) {
  if (activity != activity_) remaining_.start();
  activity_ = activity;
  text_->setText(activity);
  progress_->setRange(0, 1000);
  progress_->setValue(static_cast<int>(fraction * 1000));
  left_->setText(remaining_.text(fraction));
}

void OpeningStrip::end() {
  soon_.stop();
  hide();
}

}  // namespace dw::ui
