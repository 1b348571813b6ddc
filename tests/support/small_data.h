// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "pt_builder.h"

namespace dw::test {

/// A file of 64 latents [4, 8, 8] in the folder, written when it is first asked for. The demo data would do as well,
/// but the tests of the run loop begin many runs, and under a sanitizer each reads every value of its dataset once.
inline std::string smallData(const std::filesystem::path& folder) {
  constexpr int kValues = 64 * 4 * 8 * 8;
  const auto path = folder / "small.npy";
  if (std::filesystem::exists(path)) return path.string();
  auto npy = npyHead("<f4", "64, 4, 8, 8");
  for (int i = 0; i < kValues; ++i) {
    const auto value = std::sin(static_cast<float>(i));
    npy.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  writeFile(path, npy);
  return path.string();
}

}  // namespace dw::test
