// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QSize>
#include <QString>
#include <functional>

class QPainter;
class QWidget;

namespace dw::ui {

/// Draws into a file what a widget draws on the screen: SVG by the name's ending (texts stay texts), else PNG at twice the
/// size. False if it cannot be written.
bool writePicture(const QString& path, const QSize& size, const QColor& background,
                  const std::function<void(QPainter&)>& draw);

/// Asks where to, offering PNG and SVG; empty = given up. An ending that is missing is added.
QString askForPictureFile(QWidget* parent, const QString& title, const QString& name);

}  // namespace dw::ui
