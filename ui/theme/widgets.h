// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

class QHBoxLayout;
class QScrollArea;
class QWidget;

namespace dw::theme {

/// Adds a muted label and the field it names to a row. Returns the two, for those who hide them together.
std::vector<QWidget*> addLabelled(QHBoxLayout* row, const QString& text, QWidget* field);

/// A frameless area that scrolls a widget, which fills it where it has more room.
QScrollArea* scrolled(QWidget* inside, const char* name, const QString& accessible);

}  // namespace dw::theme
