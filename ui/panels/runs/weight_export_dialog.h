// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QString>

#include "weights/weight_export.h"

class QCheckBox;
class QComboBox;

namespace dw::ui {

/// Asks how the weights of one checkpoint are to be written: which ones, in which number type, under which names.
class WeightExportDialog : public QDialog {
  Q_OBJECT

 public:
  explicit WeightExportDialog(const QString& checkpoint, QWidget* parent = nullptr);
  QString checkpoint() const { return checkpoint_; }
  weights::WeightExport choice() const;

 private:
  QString checkpoint_;
  QComboBox* weights_ = nullptr;
  QComboBox* type_ = nullptr;
  QCheckBox* prefix_ = nullptr;
};

}  // namespace dw::ui
