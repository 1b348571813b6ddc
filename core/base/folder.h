// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace dw {

/// Makes a folder and its parents so that they survive a power cut. False: it was there already. Throws Error.
bool makeFolders(const std::filesystem::path& path);

/// Deletes a file, or a folder with all that is in it; links are deleted, never followed. Absent is good. Throws Error.
void removeTree(const std::filesystem::path& path);

/// Deletes what writeFileAtomically left in this folder when its process was killed. Only for whoever alone writes there.
/// Never throws: what cannot be deleted costs space only.
void removeTemporaries(const std::filesystem::path& folder) noexcept;

/// Bytes of all files below a folder; links in it are not followed. What cannot be read counts as nothing.
std::uint64_t bytesOfFiles(const std::filesystem::path& folder);

}  // namespace dw
