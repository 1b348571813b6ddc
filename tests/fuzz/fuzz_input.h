// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>

#include "data/sources/format_table.h"

namespace dw::fuzz {

/// The bytes as a file that exists in memory only, under a path that every reader can open; the same path each time, so
/// one input at a time.
const std::filesystem::path& asFile(std::span<const std::byte> bytes);

/// Runs a reader. Only dw::Error may come out of it, and none that says that the fault is ours: anything else ends the
/// program, which is how a fuzzer (and the replay) learns of it.
void refusalsOnly(const std::function<void()>& reader);

/// Reads the first and the last sample, and those of the context vectors beside them.
void readEnds(const data::LatentSource& source);

/// Opens the bytes by one dataset format and reads the ends, in the guessed order of the axes and in the opposite one.
void openAndRead(const data::sources::Format& format, std::span<const std::byte> bytes);

}  // namespace dw::fuzz
