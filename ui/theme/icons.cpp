// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

#include "theme/colors.h"

static void initResources() { Q_INIT_RESOURCE(resources); }  // outside of every namespace, as the macro demands

namespace dw::theme {
namespace {

/// Draws an SVG whose strokes are "currentColor" in the colour that fits the moment. Nothing is cached: a 20 px line
/// icon renders in some 20 us, and a cache would have to watch palette and scale.
class TintedIconEngine : public QIconEngine {
 public:
  TintedIconEngine(QByteArray svg, IconTint tint) : svg_(std::move(svg)), tint_(tint) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    QByteArray svg = svg_;
    svg.replace("currentColor", colorFor(mode, state).name().toLatin1());
    QSvgRenderer renderer(svg);
    renderer.render(painter, QRectF(rect));
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }

  QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal) override {
    return pixmap(size, mode, state);
  }

  QIconEngine* clone() const override { return new TintedIconEngine(svg_, tint_); }
  QString key() const override { return QStringLiteral("dw-tinted"); }
  bool isNull() override { return svg_.isEmpty(); }

 private:
  QColor colorFor(QIcon::Mode mode, QIcon::State state) const {
    const auto& c = colors();
    if (mode == QIcon::Disabled) return c.dark ? QColor(0x69727b) : QColor(0x9aa3ab);
    switch (tint_) {
      case IconTint::OnAccent: return c.onAccent;
      case IconTint::Accent: return c.accent;
      case IconTint::Warning: return c.warning;
      case IconTint::Error: return c.error;
      case IconTint::Text: break;
    }
    if (mode == QIcon::Selected) return c.onAccent;
    return state == QIcon::On ? c.accent : c.text;
  }

  QByteArray svg_;
  IconTint tint_;
};

}  // namespace

QIcon icon(const QString& name, IconTint tint) {
  initResources();
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  return QIcon(new TintedIconEngine(file.readAll(), tint));
}

QIcon appIcon() {
  initResources();
  return QIcon(QStringLiteral(":/icons/diffusion-workbench.svg"));
}

}  // namespace dw::theme
