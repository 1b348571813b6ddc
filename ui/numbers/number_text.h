// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>

namespace dw::ui {

/// A number for a narrow table: three decimals or digits, two digits below 0.01; a true minus sign.
QString shortNumber(double value);
/// 50,331,648 bytes -> "50.3 MB".
QString fileSize(std::uint64_t bytes);
/// 119829 -> "119,829" in the user's language.
QString count(std::int64_t value);

}  // namespace dw::ui
