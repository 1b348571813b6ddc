// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/latent_source.h"
#include "data/open_options.h"

namespace dw::data::sources {

/// Whether the last part of a path is a pattern: it holds * or ?.
bool isPattern(const std::filesystem::path& path);
/// Regular files whose names match the pattern's last part (* any text, ? any one byte), in the order of their names.
/// Throws Error BadData if the folder does not exist or nothing matches.
std::vector<std::filesystem::path> filesMatching(const std::filesystem::path& pattern);
/// Files of a folder whose endings are those of latent files (.pt, .h5, .npz ...), in the order of their names.
std::vector<std::filesystem::path> latentFilesIn(const std::filesystem::path& folder);

/// Several latent files as one dataset: the samples of the first file, then those of the second, and so on; labels and
/// keys are joined. shown: the folder or pattern, for SourceInfo::path. Opens each file once for its header, and keeps at
/// most 64 of them open. Throws Error BadData naming the first file that cannot be read, or differs from the ones before
/// in channels, size, crops, or in whether it has labels or keys. Also while reading, if a file has changed.
std::shared_ptr<const LatentSource> openShards(const std::filesystem::path& shown,
                                               const std::vector<std::filesystem::path>& files,
                                               const OpenOptions& options);

}  // namespace dw::data::sources
