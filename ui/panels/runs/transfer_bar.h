// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;

namespace dw::ui {

class RunTransfer;

/// How far a RunTransfer is, with a button to cancel it; hidden while there is none.
class TransferBar : public QWidget {
  Q_OBJECT

 public:
  explicit TransferBar(RunTransfer* transfer, QWidget* parent = nullptr);

 private:
  QLabel* what_ = nullptr;
  QProgressBar* bar_ = nullptr;
};

}  // namespace dw::ui
