// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "formats/pt_file.h"

namespace dw::data {

/// What each axis of a stored array is, one letter for each, in the order of the file: B samples, T crops, C channels,
/// H height, W width. B must be there; an axis that is not there has length 1. "BTCHW" is the lecture's order, "BHWC" that
/// of most pictures.

/// The likeliest roles of an array of rank 4 or 5: samples first; crops second where there are five axes; of the other
/// three, two equal ones next to each other are height and width; where that does not tell, a last axis of at most 16
/// after two longer ones is the channels. Empty for other ranks: of those nothing is guessed.
std::string guessAxes(const std::vector<std::int64_t>& shape);

/// Orders to offer for a rank, the usual one first; empty for ranks that are not read.
std::vector<std::string> usualAxes(std::size_t rank);

/// What is wrong with these letters for an array of that rank: unknown or repeated ones, no B, too many or too few.
Problems checkAxes(const std::string& axes, std::size_t rank);

/// The array seen as [B, T, C, H, W] (rank 5): only strides change place. axes must have passed checkAxes.
formats::ArrayLayout inOrder(const formats::ArrayLayout& layout, const std::string& axes);

}  // namespace dw::data
