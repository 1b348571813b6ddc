// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/widgets.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>

namespace dw::theme {

std::vector<QWidget*> addLabelled(QHBoxLayout* row, const QString& text, QWidget* field) {
  auto* label = new QLabel(text);
  label->setBuddy(field);
  label->setProperty("muted", true);
  row->addWidget(label);
  row->addWidget(field);
  return {label, field};
}

QScrollArea* scrolled(QWidget* inside, const char* name, const QString& accessible) {
  auto* scroll = new QScrollArea;
  scroll->setObjectName(QLatin1String(name));
  scroll->setAccessibleName(accessible);
  scroll->setWidget(inside);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  return scroll;
}

}  // namespace dw::theme
