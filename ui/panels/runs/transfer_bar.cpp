// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/transfer_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include "session/runs/run_transfer.h"

namespace dw::ui {

TransferBar::TransferBar(RunTransfer* transfer, QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("transferBar"));
  what_ = new QLabel;
  what_->setTextFormat(Qt::PlainText);
  what_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  bar_ = new QProgressBar;
  bar_->setRange(0, 1000);
  bar_->setFixedWidth(200);
  auto* cancel = new QPushButton(tr("Cancel"));
  cancel->setObjectName(QStringLiteral("transferCancel"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(what_, 1);
  row->addWidget(bar_);
  row->addWidget(cancel);
  hide();
  connect(cancel, &QPushButton::clicked, transfer, &RunTransfer::cancel);
  connect(transfer, &RunTransfer::started, this, [this](const QString& activity) {
    what_->setText(activity);
    bar_->setAccessibleName(activity);
    bar_->setValue(0);
    show();
  });
  connect(transfer, &RunTransfer::progressed, this,
          [this](double fraction) { bar_->setValue(static_cast<int>(fraction * 1000.0)); });
  connect(transfer, &RunTransfer::ended, this, &QWidget::hide);
}

}  // namespace dw::ui
