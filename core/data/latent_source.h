// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/recipe.h"

namespace dw::data {

/// What a file holds, known without reading its numbers.
struct SourceInfo {
  std::filesystem::path path;
  std::string format;                   ///< "hdf5", "pt", "idx", "pictures", "demo"...
  std::string dataset;                  ///< name inside the file, e.g. "latents"; empty where there is none
  std::string dtype;                    ///< stored type: "float16", "bfloat16", "float32", "float64", "uint8"
  std::int64_t samples = 0;             ///< B
  std::int64_t crops = 1;               ///< T; 1 where the file has no such axis
  std::int64_t channels = 0;            ///< C
  std::int64_t height = 0;              ///< H
  std::int64_t width = 0;               ///< W
  bool hasCropAxis = false;             ///< the file has an axis T
  std::vector<std::int64_t> stored{};   ///< shape of the array in the file, in the order of its axes
  std::string axes{};                   ///< role of each of these axes, e.g. "BTCHW" (axis_roles.h)
  std::uint64_t bytes = 0;              ///< size of the file
  std::vector<std::string> classNames;  ///< one per label value; empty where unlabelled or unnamed
  std::int64_t classes = 0;             ///< number of label values, 0 = unlabelled
  std::int64_t contextRows = 0;         ///< L of the context vectors, 0 = none
  std::int64_t contextDim = 0;          ///< D of the context vectors
  std::int64_t files = 1;               ///< how many files it is read from; pictures: one each

  std::int64_t sampleSize() const { return channels * height * width; }  ///< numbers of one crop
  config::DatasetShape shape() const { return {samples, crops, channels, height, width, classes, contextDim}; }
};

/// Samples of one dataset, read lazily: opening costs no more than the header. Implementations are safe to read from
/// several threads at once. Values are handed out as float32, uint8 pictures as x / 127.5 - 1 (padding -1).
class LatentSource {
 public:
  virtual ~LatentSource() = default;
  virtual const SourceInfo& info() const = 0;

  /// Reads crop `crops[i]` of sample `samples[i]` for every i into out, laid out [i, C, H, W].
  /// out.size() == samples.size() * info().sampleSize(). Indices out of range are a bug of the caller (Error Internal).
  /// Throws Error BadData / Io if the file changed, shrank or cannot be read.
  virtual void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
                    std::span<float> out) const = 0;

  /// Label of each sample (0 .. classes - 1); empty where the data has none.
  virtual std::span<const std::int64_t> labels() const { return {}; }
  /// Vectors beside the samples that tell what is on them (text embeddings), as a source of its own whose samples are
  /// [1, L, D]; null where the data has none. Lives as long as this source.
  virtual const LatentSource* context() const { return nullptr; }
  /// Keys (image ids) beside the latents; empty where the data has none.
  virtual std::span<const std::int64_t> keys() const { return {}; }
};

}  // namespace dw::data
