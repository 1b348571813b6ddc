// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>

namespace dw::ui {

// How numbers stand in the window, in the user's language. The same for core and the terminal, in English:
// base/text_format.h.

/// A number for a narrow table: three decimals or digits, two digits below 0.01; a true minus sign.
QString shortNumber(double value);
/// 119829 -> "119,829" in the user's language.
QString count(std::int64_t value);
/// What chooses between "step" and "steps": the third argument of tr(), beside count() for the number itself.
/// tr("%1 steps", nullptr, plural(n)).arg(count(n)). The English words are in resources/translations.
int plural(std::int64_t value);

/// 50,331,648 bytes -> "50.3 MB".
QString sizeText(std::uint64_t bytes);
/// Of memory and disks that are reckoned: "1.25 GiB".
QString gibibytesText(std::uint64_t bytes);

/// A time to be read off: "2:14", "1:02:09", "2.5 days".
QString durationText(double seconds);
/// A time that was estimated: "45 s", "12 min", "3.5 h", "3 days".
QString roughDurationText(double seconds);
/// A time that was measured: "3.2 s".
QString secondsText(double seconds);

}  // namespace dw::ui
