// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dw::data::sources {

/// One array of a file that holds several, known from the header alone.
struct Candidate {
  std::string name;   ///< as OpenOptions::dataset wants it; empty for the only array of a file
  std::string dtype;  ///< "float16", ...; empty if its header cannot be read
  std::vector<std::int64_t> shape;
  bool fits = false;  ///< could be opened as latents: floating numbers on 3 to 5 axes (3: with OpenOptions::axes)
};

/// The arrays of a file, or of the first file of a folder or pattern, so that a user can choose one. Empty where there is
/// no choice: pictures, demo, formats of one array. Throws Error if the file cannot be read.
std::vector<Candidate> candidatesIn(const std::filesystem::path& path);

}  // namespace dw::data::sources
