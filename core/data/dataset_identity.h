// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "data/latent_source.h"

namespace dw::data {

/// What a run remembers of its dataset, to notice another one under the same name.
struct DatasetIdentity {
  std::string path;         ///< absolute, or "demo"
  std::uint64_t bytes = 0;  ///< size of the file, or of all files together
  std::string
      sha256;  ///< of the first 64 KiB (where it is one file) and the float32 values of eight evenly spaced samples
  bool operator==(const DatasetIdentity&) const = default;
};

/// Reads at most 64 KiB and eight samples. Throws Error if reading fails.
DatasetIdentity datasetIdentity(const LatentSource& source);

/// {"path", "bytes", "sha256"}, as recipe.json keeps it.
nlohmann::json toJson(const DatasetIdentity& identity);
/// Whether two such objects mean the same data; the path may differ.
bool sameDataset(const nlohmann::json& a, const nlohmann::json& b);

}  // namespace dw::data
