// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/file.h"

namespace dw::formats {

/// Takes unpacked bytes, and how many packed ones were used up to there.
using TakeInflated = std::function<void(std::span<const std::byte> bytes, std::uint64_t packedDone)>;

/// Unpacks `packed` bytes of a file from `offset` on, in portions of at most a MiB and with little memory: a raw deflate
/// stream, or gzip (one or several in a row). Returns the CRC-32 of what came out. Throws Error BadData if it is damaged.
std::uint32_t inflateFile(const ReadFile& file, std::uint64_t offset, std::uint64_t packed, bool gzip,
                          const TakeInflated& take);

}  // namespace dw::formats
