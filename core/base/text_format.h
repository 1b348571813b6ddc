// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace dw {

// How numbers stand in sentences, in English: the only place for durations, sizes and plurals of core and the terminal.
// The window has its own in the user's language: ui/numbers/number_text.h.

/// "step" or "steps". many: where it is not the noun with an s.
std::string nounText(std::int64_t count, std::string_view one, std::string_view many = {});
/// "1 step", "2 steps", "0 steps".
std::string countText(std::int64_t count, std::string_view one, std::string_view many = {});
template <std::integral Count>
std::string countText(Count count, std::string_view one, std::string_view many = {}) {
  return countText(static_cast<std::int64_t>(count), one, many);
}

/// A time to be read off, as of a clock: "0:45", "2:14", "1:02:09", from two days on "2.5 days". A part of a second counts as
/// a whole one.
std::string durationText(double seconds);
/// A time that was estimated: "45 s", "12 min", "3.5 h", "3 days".
std::string roughDurationText(double seconds);
/// A time that was measured: "3.21 s".
std::string secondsText(double seconds);

/// Of a file, as file managers and disks count: "512 B", "1.2 MB", "57 GB".
std::string sizeText(std::uint64_t bytes);
/// Memory and free space: "12 MiB", what is not whole left off.
std::string mebibytesText(std::uint64_t bytes);
/// "1.25 GiB"
std::string gibibytesText(std::uint64_t bytes);

}  // namespace dw
