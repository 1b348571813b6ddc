// SPDX-License-Identifier: GPL-3.0-or-later
#include "pictures/picture_file.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QSvgGenerator>

namespace dw::ui {
namespace {
constexpr int kPngScale = 2;
}

bool writePicture(const QString& path, const QSize& size, const QColor& background,
                  const std::function<void(QPainter&)>& draw) {
  if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
    QSvgGenerator svg;
    svg.setFileName(path);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    QPainter painter;
    if (!painter.begin(&svg)) return false;
    painter.fillRect(QRect(QPoint(), size), background);
    draw(painter);
    return painter.end();
  }
  QImage image(size * kPngScale, QImage::Format_RGB32);
  if (image.isNull()) return false;
  image.setDevicePixelRatio(kPngScale);
  image.fill(background);
  QPainter painter(&image);
  draw(painter);
  painter.end();
  return image.save(path);
}

QString askForPictureFile(QWidget* parent, const QString& title, const QString& name) {
  const auto filters = QCoreApplication::translate("PictureFile", "PNG picture (*.png);;SVG drawing (*.svg)");
  QString filter;
  QString path = QFileDialog::getSaveFileName(parent, title, name + QStringLiteral(".png"), filters, &filter);
  if (!path.isEmpty() && QFileInfo(path).suffix().isEmpty())
    path += filter.contains(QLatin1String("svg")) ? QStringLiteral(".svg") : QStringLiteral(".png");
  return path;
}

}  // namespace dw::ui
