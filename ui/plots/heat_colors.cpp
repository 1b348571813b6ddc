// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/heat_colors.h"

#include <array>

namespace dw::ui {
namespace {

QCPColorGradient gradientOf(const QMap<double, QColor>& stops) {
  QCPColorGradient gradient;
  gradient.setColorStops(stops);
  gradient.setColorInterpolation(QCPColorGradient::ciRGB);
  gradient.setNanHandling(QCPColorGradient::nhTransparent);
  gradient.setLevelCount(256);
  return gradient;
}

}  // namespace

QCPColorGradient sequentialColors() {
  static constexpr std::array<QRgb, 9> kStops{0xff440154, 0xff472d7b, 0xff3b528b, 0xff2c728e, 0xff21918c,
                                              0xff28ae80, 0xff5ec962, 0xffaddc30, 0xfffde725};
  QMap<double, QColor> stops;
  for (std::size_t i = 0; i < kStops.size(); ++i)
    stops.insert(static_cast<double>(i) / (kStops.size() - 1), QColor(kStops[i]));
  return gradientOf(stops);
}

QCPColorGradient divergingColors(const QColor& middle) {
  return gradientOf({{0.0, QColor(0x08, 0x52, 0x9c)},
                     {0.25, QColor(0x56, 0xa0, 0xd3)},
                     {0.5, middle},
                     {0.75, QColor(0xe8, 0x8d, 0x34)},
                     {1.0, QColor(0xa6, 0x44, 0x00)}});
}

}  // namespace dw::ui
