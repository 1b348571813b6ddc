// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace dw::data::pictures {

/// A decoded picture, 8 bits a value, rows from the top, values of a pixel together.
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t channels = 0;  ///< 1 grey, 3 red green blue
  std::vector<std::uint8_t> values;
};

/// What a picture file's header says.
struct PictureFacts {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool colour = false;
};

/// Header of a PNG or JPEG file in memory, told apart by content; path is for sentences only. Throws Error BadData for
/// other files, damaged headers, more than 2^26 pixels, or more pixels than a file of this size can hold.
PictureFacts pictureFacts(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// The whole picture, in as many channels as asked for (1: the picture must be grey). Transparent parts lie on white. A
/// JPEG may come out at 1/2, 1/4 or 1/8 of its size, as long as no side falls below atLeast pixels. Throws Error BadData as
/// above and for damaged or cut-off pictures; memory is taken only after the header has been checked.
Picture decodePicture(const std::filesystem::path& path, std::span<const std::byte> bytes, std::int64_t channels,
                      std::int64_t atLeast);

/// The largest square in the middle, brought to side x side by area average: [side, side, channels].
std::vector<std::uint8_t> centreSquare(const Picture& picture, std::int64_t side);

}  // namespace dw::data::pictures
