// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace dw {

/// What stands in the name of a temporary file of writeFileAtomically, before the number of its process.
inline constexpr std::string_view kTemporaryMark = ".tmp-";

/// Writes a whole file so that a reader, a crash or a full disk never leaves half of it under its name: temporary file
/// beside it, fsync, rename, fsync of the folder. Throws Error (DiskFull, Io); the old file then stands unchanged.
void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);

/// Brings a file's or folder's contents to the disk. Throws Error.
void syncPath(const std::filesystem::path& path);

/// Renames from -> to and syncs the parent folder, so that the rename itself survives a power cut. Throws Error.
void renameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace dw
