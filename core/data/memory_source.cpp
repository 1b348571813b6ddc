// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/memory_source.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/half.h"
#include "base/own_pages.h"
#include "base/system_info.h"
#include "base/text_format.h"
#include "data/array_source.h"

namespace dw::data {
namespace {

using formats::NumberType;
constexpr std::int64_t kNumbersAtOnce = 1 << 20;
// Shares of the memory that is free. More than kSpare is refused, as the model wants some too; up to kSmall is no burden. They
// lie far apart, so that what fits is not refused a moment later.
constexpr double kSpare = 0.8, kSmall = 0.25;

/// How numbers of this stored type are kept: without loss, and never wider than they were read.
NumberType keptAs(const std::string& dtype) {
  if (dtype == "float16") return NumberType::Float16;
  if (dtype == "bfloat16") return NumberType::BFloat16;
  return dtype == "uint8" ? NumberType::UInt8 : NumberType::Float32;
}

/// In floating point, as a file may claim any number of samples.
double bytesNeeded(const SourceInfo& info, std::int64_t crop) {
  const auto crops = crop < 0 ? info.crops : 1;
  return static_cast<double>(info.samples) * static_cast<double>(crops * info.sampleSize()) *
         static_cast<double>(formats::sizeOf(keptAs(info.dtype)));
}

double bytesFree() { return static_cast<double>(systemMemory().available); }

/// The bytes to keep. Throws Error OutOfMemory if there is not enough to spare.
std::size_t bytesToKeep(const SourceInfo& info, std::int64_t crop) {
  const auto needed = bytesNeeded(info, crop), free = bytesFree();
  if (needed <= kSpare * free) return static_cast<std::size_t>(needed);
  const auto mib = [](double bytes) { return mebibytesText(static_cast<std::uint64_t>(bytes)); };
  throw Error(ErrorKind::OutOfMemory, info.path,
              "the dataset needs " + mib(needed) + " of memory, but only " + mib(free) + " are free",
              "set data.preload to false: it is then read from the disk while training");
}

void pack(NumberType type, std::span<const float> values, std::byte* out) {
  const auto put = [&](auto convert) {
    for (const float value : values) {
      const auto bits = convert(value);
      std::memcpy(out, &bits, sizeof bits);
      out += sizeof bits;
    }
  };
  if (type == NumberType::Float16) put([](float v) { return floatToHalf(v); });
  if (type == NumberType::BFloat16)
    put([](float v) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(v) >> 16); });
  if (type == NumberType::UInt8)
    put([](float v) { return static_cast<std::uint8_t>(std::lround((v + 1.0F) * 127.5F)); });
  if (type == NumberType::Float32) put([](float v) { return v; });
}

class MemorySource : public LatentSource {
 public:
  MemorySource(std::shared_ptr<const LatentSource> source, std::int64_t crop,
               const std::function<bool(double)>& progress)
      : source_(std::move(source)),
        info_(source_->info()),
        firstCrop_(std::max<std::int64_t>(crop, 0)),
        keptCrops_(crop < 0 ? info_.crops : 1),
        type_(keptAs(info_.dtype)),
        size_(formats::sizeOf(type_)),
        pages_(bytesToKeep(info_, crop)) {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = static_cast<float>(i) / 127.5F - 1.0F;
    fill(progress);
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return source_->labels(); }
  std::span<const std::int64_t> keys() const override { return source_->keys(); }
  const LatentSource* context() const override { return source_->context(); }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    const auto each = static_cast<std::size_t>(info_.sampleSize());
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto crop = crops[i] - firstCrop_;
      const auto to = out.subspan(i * each, each);
      if (crop < 0 || crop >= keptCrops_) {
        others.push_back(i);
        continue;
      }
      const auto row = static_cast<std::size_t>(samples[i] * keptCrops_ + crop);
      const auto in = pages_.bytes().subspan(row * each * size_, each * size_);
      if (type_ != NumberType::UInt8)
        formats::toFloats(type_, false, in, to);
      else
        std::transform(in.begin(), in.end(), to.begin(),
                       [this](std::byte b) { return table_[std::to_integer<std::size_t>(b)]; });
    }
    if (!others.empty()) readOthers(others, samples, crops, out);
  }

 private:
  /// Those of the samples whose crop is not kept: in one call, as sources like it.
  void readOthers(const std::vector<std::size_t>& places, std::span<const std::int64_t> samples,
                  std::span<const std::int64_t> crops, std::span<float> out) const {
    std::vector<std::int64_t> theirSamples, theirCrops;
    for (const auto i : places) {
      theirSamples.push_back(samples[i]);
      theirCrops.push_back(crops[i]);
    }
    const auto each = static_cast<std::size_t>(info_.sampleSize());
    std::vector<float> values(places.size() * each);
    source_->read(theirSamples, theirCrops, values);
    for (std::size_t i = 0; i < places.size(); ++i)
      std::ranges::copy(std::span(values).subspan(i * each, each),
                        out.begin() + static_cast<std::ptrdiff_t>(places[i] * each));
  }

  void fill(const std::function<bool(double)>& progress) {
    const auto rows = info_.samples * keptCrops_, each = info_.sampleSize();
    const auto atOnce = std::max<std::int64_t>(1, kNumbersAtOnce / each);
    std::vector<float> values;
    std::vector<std::int64_t> samples, crops;
    for (std::int64_t row = 0; row < rows; row += atOnce) {
      if (progress && !progress(static_cast<double>(row) / static_cast<double>(rows)))
        throw Error(ErrorKind::Cancelled, info_.path, "reading the dataset into memory was stopped");
      const auto count = std::min(atOnce, rows - row);
      samples.clear();
      crops.clear();
      for (auto r = row; r < row + count; ++r) {
        samples.push_back(r / keptCrops_);
        crops.push_back(firstCrop_ + r % keptCrops_);
      }
      values.resize(static_cast<std::size_t>(count * each));
      source_->read(samples, crops, values);
      pack(type_, values, pages_.bytes().data() + static_cast<std::size_t>(row * each) * size_);
    }
  }

  std::shared_ptr<const LatentSource> source_;
  SourceInfo info_;
  std::int64_t firstCrop_, keptCrops_;  ///< the crops that are in memory
  NumberType type_;
  std::size_t size_;
  OwnPages pages_;
  std::array<float, 256> table_{};
};

}  // namespace

std::shared_ptr<const LatentSource> preloaded(std::shared_ptr<const LatentSource> source, std::int64_t crop,
                                              const std::function<bool(double fraction)>& progress) {
  return std::make_shared<const MemorySource>(std::move(source), crop, progress);
}

bool preloadFits(const SourceInfo& info, std::int64_t crop) { return bytesNeeded(info, crop) <= kSmall * bytesFree(); }

}  // namespace dw::data
