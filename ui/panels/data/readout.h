// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>
#include <functional>

namespace dw::ui {

/// A place in a sample that the cursor points at. channel -1: the colours, that is all channels.
struct PointedAt {
  std::int64_t sample = 0, channel = -1, row = 0, column = 0;
  std::int64_t channels = 0;
  std::int64_t block = 1;  ///< > 1: row and column count squares of that side, and the value is their mean
  QString label;
};

/// "sample 12, circle: channel 2, row 5, column 7: -0.731". valueAt(channel) gives the number there.
QString readoutText(const PointedAt& place, const std::function<double(std::int64_t channel)>& valueAt);

}  // namespace dw::ui
