// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/latent_source.h"
#include "formats/pt_file.h"

namespace dw::data {

/// Bytes that samples are read from: a file (read where it lies) or memory (unpacked data). Any thread.
class ByteStore {
 public:
  virtual ~ByteStore() = default;
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  virtual std::uint64_t size() const = 0;
  /// These bytes are wanted soon: a disk may fetch several places at once.
  virtual void prepare(std::uint64_t /*offset*/, std::uint64_t /*count*/) const {}
};

std::shared_ptr<const ByteStore> fileBytes(std::shared_ptr<const ReadFile> file);
std::shared_ptr<const ByteStore> memoryBytes(std::vector<std::byte> bytes);

/// Labels and keys that stand beside the samples.
struct SideData {
  std::vector<std::int64_t> labels{};
  std::vector<std::int64_t> keys{};
  std::shared_ptr<const LatentSource> context{};  ///< LatentSource::context
};

/// Sets B, T, C, H, W from an array's shape and info.axes, which is guessed if it is empty. Throws Error BadData with a
/// sentence that names what was found, for a rank that is not read, no samples, or an axis of length 0; Usage for axes that
/// do not fit.
void applyShape(SourceInfo& info, const std::vector<std::int64_t>& shape, const std::string& what);
/// Refuses what is not float16, bfloat16, float32 or float64, naming the type found.
void requireFloating(const SourceInfo& info, formats::NumberType type, const std::string& what);
/// Refuses labels, keys or context that do not fit the samples. Fills info.classes.
void checkSideData(SourceInfo& info, const SideData& side);
/// Reads a rank-1 integer array, as labels and keys are. Throws Error BadData for other ranks or types.
std::vector<std::int64_t> readIntegers(const ByteStore& bytes, const formats::ArrayLayout& layout,
                                       const std::filesystem::path& path, const std::string& name);
/// What is known of context vectors stored as (N, L, D) or (N, D): path, format, name, axes. Throws Error BadData for others.
SourceInfo contextInfo(const std::vector<std::int64_t>& shape, const std::filesystem::path& path,
                       const std::string& name);
/// Context vectors stored as (N, L, D) or (N, D): an array whose samples are [1, L, D]. Throws Error BadData for other
/// ranks or types.
std::shared_ptr<const LatentSource> contextFrom(std::shared_ptr<const ByteStore> bytes,
                                                const formats::ArrayLayout& layout, const std::filesystem::path& path,
                                                const std::string& name);
/// Names of classes from an array of bytes (class_names.h); none if it is no such array.
std::vector<std::string> classNamesIn(const ByteStore& bytes, const formats::ArrayLayout& layout);
/// "(6, 3, 4, 32, 32)", for sentences.
std::string shapeText(const std::vector<std::int64_t>& shape);

/// Samples that lie in a byte store as one strided array of floating numbers: .pt, .npy, safetensors, contiguous HDF5 and
/// the demo are all this, and differ only in how its place was found. Reads with pread; no state, any thread.
class ArraySource : public LatentSource {
 public:
  /// layout: all of it inside the store. info: path, format, dataset, bytes and, if they are known, axes filled in by the
  /// caller.
  ArraySource(SourceInfo info, std::shared_ptr<const ByteStore> bytes, formats::ArrayLayout layout, SideData side = {});

  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override;
  std::span<const std::int64_t> labels() const override { return side_.labels; }
  std::span<const std::int64_t> keys() const override { return side_.keys; }
  const LatentSource* context() const override { return side_.context.get(); }

 private:
  SourceInfo info_;
  std::shared_ptr<const ByteStore> bytes_;
  formats::ArrayLayout layout_;  ///< as [B, T, C, H, W]
  SideData side_;
};

/// Refuses indices outside the source or a wrong output size: a bug of the caller (Error Internal).
void checkReadArguments(const SourceInfo& info, std::span<const std::int64_t> samples,
                        std::span<const std::int64_t> crops, std::size_t outSize);

}  // namespace dw::data
