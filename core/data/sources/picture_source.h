// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "data/latent_source.h"

namespace dw::data::sources {

/// A folder of PNG and JPEG pictures: the largest square in the middle of each, brought to side x side by area average,
/// x / 127.5 - 1. C = 3, or 1 if all are grey. If the pictures lie in sub-folders, each sub-folder is a class, in the order
/// of their names. side: a number of pixels as text, empty = 32. Decodes when samples are read; what was decoded is kept, up
/// to 256 MiB. Throws Error BadData for a folder without pictures, one with pictures beside sub-folders with pictures, or
/// Usage for a side outside 1..1024; a damaged picture is named when it is read.
std::shared_ptr<const LatentSource> openPictures(const std::filesystem::path& folder, const std::string& side);

}  // namespace dw::data::sources
