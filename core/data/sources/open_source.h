// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "data/latent_source.h"
#include "data/open_options.h"

namespace dw::data::sources {

/// Opens any dataset: a file of a known format (by content, not by ending), a folder of such files or a pattern like
/// "part-*.pt" (sharded_source.h), a folder of pictures (picture_source.h), or the word "demo". Throws Error BadData with a
/// sentence that says what is wrong and what would be accepted.
std::shared_ptr<const LatentSource> openSource(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace dw::data::sources
