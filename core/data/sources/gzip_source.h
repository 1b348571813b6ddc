// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/array_source.h"
#include "data/open_options.h"

namespace dw::data::sources {

bool isGzip(const ReadFile& file);

/// First bytes of what is packed in a gzip file. Throws Error BadData if it is damaged there.
std::vector<std::byte> packedHead(const ReadFile& file, std::size_t count);

/// What a gzip file holds: in memory if it is small, else in the disk cache (unpack_cache.h).
std::shared_ptr<const ByteStore> gunzipped(const std::shared_ptr<const ReadFile>& file, const OpenOptions& options);

/// Opens a gzipped file of any known format. Throws Error BadData for gzip inside gzip, and what unpacking and opening throw.
std::shared_ptr<const LatentSource> openGzip(const std::filesystem::path& path, const OpenOptions& options);

}  // namespace dw::data::sources
