// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/nav_column.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/icons.h"

namespace dw::ui {

NavColumn::NavColumn(QWidget* parent)
    : QWidget(parent), group_(new QButtonGroup(this)), column_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("nav"));
  setAccessibleName(tr("Pages"));
  setFixedWidth(std::max(72, fontMetrics().horizontalAdvance(QStringLiteral("MMMMMM"))));
  column_->setContentsMargins(0, 8, 0, 8);
  column_->setSpacing(4);
  column_->addStretch(1);
  connect(group_, &QButtonGroup::idClicked, this, &NavColumn::chosen);
}

void NavColumn::addPage(const QString& name, const QString& icon, const QString& text, const QString& shortcut) {
  auto* button = new QToolButton;
  button->setObjectName(name);
  button->setProperty("nav", true);
  button->setCheckable(true);
  button->setIcon(theme::icon(icon));
  button->setIconSize(QSize(24, 24));
  button->setText(text);
  button->setAccessibleName(text);
  button->setToolTip(QStringLiteral("%1 (%2)").arg(text, shortcut));
  button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
  button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  const int index = static_cast<int>(group_->buttons().size());
  group_->addButton(button, index);
  column_->insertWidget(index, button);
}

void NavColumn::setCurrent(int index) {
  if (auto* button = group_->button(index)) button->setChecked(true);
}

}  // namespace dw::ui
