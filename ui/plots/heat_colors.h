// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/qcp.h"

namespace dw::ui {

/// From dark blue over green to yellow, evenly brighter: read right by the colour-blind and in a grey print (the stops of
/// "viridis", van der Walt and Smith 2015).
QCPColorGradient sequentialColors();
/// Blue below the middle, orange above, the middle as the background (`middle`), both ends equally strong.
QCPColorGradient divergingColors(const QColor& middle);

}  // namespace dw::ui
