// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/hdf5/h5_chunks.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/error.h"
#include "data/axis_roles.h"
#include "data/block_reader.h"
#include "data/hdf5/h5_datasets.h"

namespace dw::data::hdf5 {
namespace {

constexpr std::size_t kMostRemembered = 4U << 20;  // places of chunks; 16 bytes each and more
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

/// How one axis is cut. Strides are in numbers inside a chunk and in chunks inside the grid.
struct CutAxis {
  std::int64_t length = 1, chunk = 1, stride = 0, gridStride = 0;
};

/// Roles B, T, C, H, W.
std::array<CutAxis, 5> cutAxes(const H5Dataset& facts, const std::string& axes) {
  const auto chunk = facts.chunk.empty() ? facts.shape : facts.chunk;
  std::vector<std::int64_t> grid;
  for (std::size_t k = 0; k < chunk.size(); ++k) grid.push_back((facts.shape[k] - 1) / chunk[k] + 1);
  const auto inChunk = formats::rowMajorStrides(chunk), inGrid = formats::rowMajorStrides(grid);
  std::array<CutAxis, 5> cut;
  for (std::size_t k = 0; k < axes.size(); ++k)
    cut[std::string_view("BTCHW").find(axes[k])] = {facts.shape[k], chunk[k], inChunk[k], inGrid[k]};
  return cut;
}

class ChunkSource : public LatentSource {
 public:
  ChunkSource(SourceInfo info, SideData side, H5Array array)
      : info_(std::move(info)),
        side_(std::move(side)),
        array_(std::move(array)),
        type_(*typeOf(array_.facts())),
        bytes_(fileBytes(array_.file)) {
    const auto& facts = array_.facts();
    cut_ = cutAxes(facts, info_.axes);
    byUs_ = facts.layout == "chunked" && facts.filters.empty();
    chunkBytes_ = formats::sizeOf(type_);
    for (const auto n : facts.chunk) chunkBytes_ *= static_cast<std::uint64_t>(n);
    auto oneSample = facts.shape;
    for (std::size_t k = 0; k < oneSample.size(); ++k) {
      if (info_.axes[k] == 'B' || info_.axes[k] == 'T') oneSample[k] = 1;
    }
    const formats::ArrayLayout layout{type_, false, 0, oneSample, formats::rowMajorStrides(oneSample)};
    const auto strides = inOrder(layout, info_.axes).strides;
    helperStride_ = {strides[2], strides[3], strides[4]};
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return side_.labels; }
  std::span<const std::int64_t> keys() const override { return side_.keys; }
  const LatentSource* context() const override { return side_.context.get(); }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    std::vector<H5Item> items;
    std::vector<std::size_t> at;
    const auto whole = byUs_ ? readOwn(samples, crops, out) : std::vector<bool>(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (whole[i]) continue;
      items.push_back({samples[i], crops[i]});
      at.push_back(i);
    }
    if (!items.empty()) readByHelper(items, at, out);
  }

 private:
  struct Wanted {
    Block block;
    std::int64_t chunk = 0;
    std::size_t item = 0;
  };

  std::array<std::int64_t, 3> outStride() const { return {info_.height * info_.width, info_.width, 1}; }

  /// Reads what lies in chunks that were written; says which items are complete.
  std::vector<bool> readOwn(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
                            std::span<float> out) const {
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < samples.size(); ++i) addBlocks(samples[i], crops[i], i, wanted);
    const auto places = placesOf(wanted);
    std::vector<bool> whole(samples.size(), true);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (places[k] == kNowhere) whole[wanted[k].item] = false;
    }
    std::vector<Block> blocks;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (!whole[wanted[k].item]) continue;
      blocks.push_back(wanted[k].block);
      blocks.back().place += places[k];
    }
    readBlocks(*bytes_, type_, array_.facts().bigEndian, blocks, outStride(), out);
    return whole;
  }

  /// The parts of one crop, each in one chunk; places are those inside the chunk.
  void addBlocks(std::int64_t sample, std::int64_t crop, std::size_t item, std::vector<Wanted>& wanted) const {
    const auto& [b, t, c, h, w] = cut_;
    const auto number = formats::sizeOf(type_);
    const auto first = (sample % b.chunk) * b.stride + (crop % t.chunk) * t.stride;
    const auto chunk = (sample / b.chunk) * b.gridStride + (crop / t.chunk) * t.gridStride;
    const auto out = static_cast<std::int64_t>(item) * info_.sampleSize();
    for (std::int64_t c0 = 0; c0 < c.length; c0 += c.chunk) {
      for (std::int64_t h0 = 0; h0 < h.length; h0 += h.chunk) {
        for (std::int64_t w0 = 0; w0 < w.length; w0 += w.chunk) {
          wanted.push_back(
              {.block = {.place = static_cast<std::uint64_t>(first) * number,
                         .count = {std::min(c.chunk, c.length - c0), std::min(h.chunk, h.length - h0),
                                   std::min(w.chunk, w.length - w0)},
                         .stride = {c.stride, h.stride, w.stride},
                         .out = static_cast<std::size_t>(out + (c0 * h.length + h0) * w.length + w0)},
               .chunk = chunk + c0 / c.chunk * c.gridStride + h0 / h.chunk * h.gridStride + w0 / w.chunk * w.gridStride,
               .item = item});
        }
      }
    }
  }

  /// Byte of each block's chunk in the file; kNowhere for chunks that were never written.
  std::vector<std::uint64_t> placesOf(const std::vector<Wanted>& wanted) const {
    const std::lock_guard lock(mutex_);
    if (places_.size() > kMostRemembered) places_.clear();
    std::vector<std::int64_t> unknown;
    for (const auto& one : wanted) {
      if (!places_.contains(one.chunk)) unknown.push_back(one.chunk);
    }
    std::sort(unknown.begin(), unknown.end());
    unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
    const auto found =
        unknown.empty() ? std::vector<std::optional<H5Place>>() : array_.reader->places(array_.index, unknown);
    for (std::size_t i = 0; i < unknown.size(); ++i) places_[unknown[i]] = checked(found[i]);
    std::vector<std::uint64_t> places;
    for (const auto& one : wanted) places.push_back(places_.at(one.chunk));
    return places;
  }

  /// The file may lie about where its chunks are.
  std::uint64_t checked(const std::optional<H5Place>& place) const {
    if (!place) return kNowhere;
    const auto size = array_.file->size();
    if (place->bytes == chunkBytes_ && place->offset <= size && chunkBytes_ <= size - place->offset)
      return place->offset;
    throw Error(ErrorKind::BadData, info_.path,
                "a chunk of '" + array_.facts().name + "' would lie beyond the end of the file",
                "it may be cut off or damaged: fetch it again", place->offset);
  }

  /// items[k] goes to crop at[k] of the result.
  void readByHelper(const std::vector<H5Item>& items, const std::vector<std::size_t>& at, std::span<float> out) const {
    array_.file->requireUnchanged();
    const auto size = static_cast<std::size_t>(info_.sampleSize());
    const auto axis = [&](char role) {
      const auto place = info_.axes.find(role);
      return place == std::string::npos ? std::int64_t{-1} : static_cast<std::int64_t>(place);
    };
    std::vector<std::byte> bytes(items.size() * size * formats::sizeOf(type_));
    array_.reader->readSamples(array_.index, axis('B'), axis('T'), items, bytes);
    std::vector<float> values(items.size() * size);
    formats::toFloats(type_, array_.facts().bigEndian, bytes, values);
    for (std::size_t k = 0; k < items.size(); ++k) {
      copyStrided(values.data() + k * size, helperStride_, out.data() + at[k] * size, outStride(),
                  {info_.channels, info_.height, info_.width});
    }
  }

  SourceInfo info_;
  SideData side_;
  H5Array array_;
  formats::NumberType type_;
  std::shared_ptr<const ByteStore> bytes_;
  std::array<CutAxis, 5> cut_{};
  bool byUs_ = false;
  std::uint64_t chunkBytes_ = 0;
  std::array<std::int64_t, 3> helperStride_{};
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::int64_t, std::uint64_t> places_;
};

}  // namespace

std::shared_ptr<const LatentSource> openChunks(SourceInfo info, SideData side, H5Array array) {
  checkSideData(info, side);
  return std::make_shared<const ChunkSource>(std::move(info), std::move(side), std::move(array));
}

}  // namespace dw::data::hdf5
