// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/block_reader.h"

#include <algorithm>
#include <chrono>
#include <memory>

namespace dw::data {
namespace {

constexpr std::uint64_t kLongestRead = 1ULL << 20;  // stays in the processor's cache until it is converted
using Clock = std::chrono::steady_clock;
// A read this slow came from the disk: the rest is asked for at once. From memory, asking would cost as much as reading.
constexpr std::chrono::microseconds kFromDisk{100};
constexpr std::int64_t kThin = 4;  // a span of up to so many times its numbers is read as it is

std::int64_t numbersOf(const Block& block) { return block.count[0] * block.count[1] * block.count[2]; }

/// From the first to the last number, in numbers.
std::int64_t spanOf(const Block& block) {
  std::int64_t span = 1;
  for (std::size_t k = 0; k < 3; ++k) span += (block.count[k] - 1) * block.stride[k];
  return span;
}

/// Whether the numbers lie in `stride` as if they were row-major without gaps.
bool dense(const Block& block, const std::array<std::int64_t, 3>& stride) {
  std::int64_t expected = 1;
  for (std::size_t k = 3; k-- > 0;) {
    if (block.count[k] > 1 && stride[k] != expected) return false;
    expected *= block.count[k];
  }
  return true;
}

class Reading {
 public:
  Reading(const ByteStore& bytes, formats::NumberType type, bool bigEndian,
          const std::array<std::int64_t, 3>& outStride, std::span<float> out)
      : bytes_(bytes),
        type_(type),
        bigEndian_(bigEndian),
        outStride_(outStride),
        out_(out),
        size_(formats::sizeOf(type)) {}

  /// Adds the block, or the pieces that are worth reading.
  void add(const Block& block) {
    if (spanOf(block) <= kThin * numbersOf(block)) {
      blocks_.push_back(block);
      return;
    }
    std::size_t widest = 0;
    for (std::size_t k = 1; k < 3; ++k) {
      const auto wider = block.count[widest] == 1 || block.stride[k] > block.stride[widest];
      if (block.count[k] > 1 && wider) widest = k;
    }
    auto piece = block;
    piece.count[widest] = 1;
    for (std::int64_t i = 0; i < block.count[widest]; ++i) {
      add(piece);
      piece.place += static_cast<std::uint64_t>(block.stride[widest]) * size_;
      piece.out += static_cast<std::size_t>(outStride_[widest]);
    }
  }

  void run() {
    const auto earlier = [](const Block& a, const Block& b) { return a.place < b.place; };
    if (!std::is_sorted(blocks_.begin(), blocks_.end(), earlier)) std::sort(blocks_.begin(), blocks_.end(), earlier);
    bool prepared = false;
    for (std::size_t begin = 0; begin < blocks_.size();) {
      auto end = begin + 1;
      auto next = endOf(blocks_[begin]);
      while (end < blocks_.size() && blocks_[end].place == next &&
             endOf(blocks_[end]) - blocks_[begin].place <= kLongestRead) {
        next = endOf(blocks_[end++]);
      }
      const auto began = Clock::now();
      readTogether(std::span(blocks_).subspan(begin, end - begin), next - blocks_[begin].place);
      if (!prepared && Clock::now() - began > kFromDisk) {
        for (const auto& block : std::span(blocks_).subspan(end))
          bytes_.prepare(block.place, endOf(block) - block.place);
        prepared = true;
      }
      begin = end;
    }
  }

 private:
  std::uint64_t endOf(const Block& block) const {
    return block.place + static_cast<std::uint64_t>(spanOf(block)) * size_;
  }

  void readTogether(std::span<const Block> blocks, std::uint64_t length) {
    if (length > roomFor_) {
      room_ = std::make_unique_for_overwrite<std::byte[]>(length);
      roomFor_ = length;
    }
    const std::span<std::byte> read(room_.get(), length);
    bytes_.read(blocks.front().place, read);
    for (const auto& block : blocks) {
      const auto span = static_cast<std::size_t>(spanOf(block));
      convert(block, read.subspan(block.place - blocks.front().place, span * size_));
    }
  }

  void convert(const Block& block, std::span<const std::byte> read) {
    const auto span = read.size() / size_;
    if (dense(block, block.stride) && dense(block, outStride_))
      return formats::toFloats(type_, bigEndian_, read, out_.subspan(block.out, span));
    floats_.resize(span);
    formats::toFloats(type_, bigEndian_, read, floats_);
    copyStrided(floats_.data(), block.stride, out_.data() + block.out, outStride_, block.count);
  }

  const ByteStore& bytes_;
  formats::NumberType type_;
  bool bigEndian_;
  std::array<std::int64_t, 3> outStride_;
  std::span<float> out_;
  std::size_t size_;
  std::vector<Block> blocks_;
  std::unique_ptr<std::byte[]> room_;
  std::uint64_t roomFor_ = 0;
  std::vector<float> floats_;
};

}  // namespace

void copyStrided(const float* in, const std::array<std::int64_t, 3>& inStride, float* out,
                 const std::array<std::int64_t, 3>& outStride, const std::array<std::int64_t, 3>& count) {
  for (std::int64_t c = 0; c < count[0]; ++c) {
    for (std::int64_t h = 0; h < count[1]; ++h) {
      const auto* from = in + c * inStride[0] + h * inStride[1];
      auto* to = out + c * outStride[0] + h * outStride[1];
      for (std::int64_t w = 0; w < count[2]; ++w) to[w * outStride[2]] = from[w * inStride[2]];
    }
  }
}

void readBlocks(const ByteStore& bytes, formats::NumberType type, bool bigEndian, const std::vector<Block>& blocks,
                const std::array<std::int64_t, 3>& outStride, std::span<float> out) {
  Reading reading(bytes, type, bigEndian, outStride, out);
  for (const auto& block : blocks) reading.add(block);
  reading.run();
}

}  // namespace dw::data
