// SPDX-License-Identifier: GPL-3.0-or-later
#include "forms/collapsible_section.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace dw::ui {

CollapsibleSection::CollapsibleSection(const QString& title, QWidget* parent)
    : QWidget(parent), title_(title), heading_(new QToolButton), body_(new QWidget), column_(new QVBoxLayout(body_)) {
  heading_->setObjectName(QStringLiteral("sectionHeading"));
  heading_->setText(title);
  heading_->setAccessibleName(title);
  heading_->setAutoRaise(true);
  heading_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  heading_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  heading_->setFocusPolicy(Qt::StrongFocus);
  column_->setContentsMargins(0, 0, 0, 8);
  column_->setSpacing(4);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(heading_);
  column->addWidget(body_);
  connect(heading_, &QToolButton::clicked, this, [this] { setOpen(!open_); });
  setOpen(false);
}

void CollapsibleSection::add(QWidget* widget) { column_->addWidget(widget); }

void CollapsibleSection::setOpen(bool open) {
  open_ = open;
  heading_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
  body_->setVisible(open);
}

void CollapsibleSection::setProblemCount(int count) {
  heading_->setText(count > 0 ? tr("%1 (%n to mend)", nullptr, count).arg(title_) : title_);
}

}  // namespace dw::ui
