// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/pictures/picture_decoder.h"
#include "fuzz_input.h"

namespace dw::fuzz {

/// As a folder of pictures would: the header, all pixels, and the square in the middle.
inline void decode(std::span<const std::byte> bytes) {
  refusalsOnly([&] {
    constexpr std::int64_t kSide = 8;
    const std::filesystem::path name("picture");
    const auto facts = data::pictures::pictureFacts(name, bytes);
    const auto picture = data::pictures::decodePicture(name, bytes, facts.colour ? 3 : 1, 2 * kSide);
    data::pictures::centreSquare(picture, kSide);
  });
}

}  // namespace dw::fuzz
