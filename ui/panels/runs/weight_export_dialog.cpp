// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/weight_export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>

namespace dw::ui {
namespace {
constexpr int kTextWidth = 400;
}  // namespace

WeightExportDialog::WeightExportDialog(const QString& checkpoint, QWidget* parent)
    : QDialog(parent), checkpoint_(checkpoint) {
  setObjectName(QStringLiteral("weightExportDialog"));
  setWindowTitle(tr("Export weights"));
  setAttribute(Qt::WA_DeleteOnClose);
  weights_ = new QComboBox;
  weights_->setObjectName(QStringLiteral("exportWhich"));
  weights_->setAccessibleName(tr("Which weights"));
  if (weights::hasAverage(checkpoint.toStdString()))
    weights_->addItem(tr("averaged (EMA), the better ones for samples"), true);
  weights_->addItem(tr("as trained in the last step"), false);
  type_ = new QComboBox;
  type_->setObjectName(QStringLiteral("exportType"));
  type_->setAccessibleName(tr("Number type"));
  type_->addItem(tr("32 bits, exact (float32)"), QStringLiteral("f32"));
  type_->addItem(tr("16 bits, half the size (float16)"), QStringLiteral("f16"));
  type_->addItem(tr("16 bits, coarser with more reach (bfloat16)"), QStringLiteral("bf16"));
  prefix_ = new QCheckBox(tr("Put \"model.\" before each name"));
  prefix_->setObjectName(QStringLiteral("exportPrefix"));
  auto* about = new QLabel(
      tr("A safetensors file under the names of the reference model, which other programs read. Optimizer and step "
         "stay behind: to go on training elsewhere, export the run as one file."));
  about->setWordWrap(true);
  about->setProperty("muted", true);
  about->setMinimumWidth(kTextWidth);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->button(QDialogButtonBox::Cancel)->setIcon(QIcon());  // as everywhere else in the program
  auto* go = buttons->addButton(tr("Choose the file…"), QDialogButtonBox::AcceptRole);
  go->setObjectName(QStringLiteral("exportGo"));
  go->setProperty("primary", true);
  go->setDefault(true);
  auto* form = new QFormLayout(this);
  form->setContentsMargins(24, 20, 24, 20);
  form->setSpacing(12);
  form->addRow(about);
  form->addRow(tr("Weights"), weights_);
  form->addRow(tr("Numbers"), type_);
  form->addRow(QString(), prefix_);
  form->addRow(buttons);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

weights::WeightExport WeightExportDialog::choice() const {
  return {.averaged = weights_->currentData().toBool(),
          .dtype = type_->currentData().toString().toStdString(),
          .prefix = prefix_->isChecked() ? std::string("model.") : std::string()};
}

}  // namespace dw::ui
