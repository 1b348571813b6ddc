// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/array_source.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/text_format.h"
#include "data/axis_roles.h"
#include "data/block_reader.h"
#include "data/class_names.h"

namespace dw::data {
namespace {

class FileBytes : public ByteStore {
 public:
  explicit FileBytes(std::shared_ptr<const ReadFile> file) : file_(std::move(file)) {}
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    file_->requireUnchanged();
    file_->read(offset, out);
  }
  std::uint64_t size() const override { return file_->size(); }
  void prepare(std::uint64_t offset, std::uint64_t count) const override { file_->prepareToRead(offset, count); }

 private:
  std::shared_ptr<const ReadFile> file_;
};

class MemoryBytes : public ByteStore {
 public:
  explicit MemoryBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      throw Error(ErrorKind::Internal, "a sample was read from beyond the unpacked data");
    }
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

/// Strides of 0 or overlapping ones let a small file claim any number of values: such views are refused, because a reader
/// would have to allocate for the claim. The layout has passed checkInside, so the product does not overflow 64 bits.
void refuseRepeats(const formats::ArrayLayout& layout, const ByteStore& bytes, const std::filesystem::path& path,
                   const std::string& what) {
  std::uint64_t count = 1;
  for (const auto n : layout.shape) count *= static_cast<std::uint64_t>(n);
  if (count <= bytes.size() / formats::sizeOf(layout.type)) return;
  throw Error(ErrorKind::BadData, path,
              what + " of shape " + shapeText(layout.shape) + " repeats numbers instead of storing them",
              "save the tensor after .contiguous()");
}

}  // namespace

std::shared_ptr<const ByteStore> fileBytes(std::shared_ptr<const ReadFile> file) {
  return std::make_shared<const FileBytes>(std::move(file));
}

std::shared_ptr<const ByteStore> memoryBytes(std::vector<std::byte> bytes) {
  return std::make_shared<const MemoryBytes>(std::move(bytes));
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

void applyShape(SourceInfo& info, const std::vector<std::int64_t>& shape, const std::string& what) {
  const auto refuse = [&](const std::string& why) {
    throw Error(
        ErrorKind::BadData, info.path, what + " has " + why,
        "latents are stored as (samples, channels, height, width) or (samples, crops, channels, height, width); data.axes "
        "says so if the order of the axes is another one");
  };
  info.stored = shape;
  if (info.axes.empty()) info.axes = guessAxes(shape);
  if (info.axes.empty())
    refuse("rank " + std::to_string(shape.size()) + ", shape " + shapeText(shape) + ", but 4 or 5 axes are needed");
  if (const auto wrong = checkAxes(info.axes, shape.size()); !wrong.empty())
    throw Error(ErrorKind::Usage, info.path, what + " has the shape " + shapeText(shape) + ": " + wrong[0].sentence,
                wrong[0].remedy);
  const auto lengthOf = [&](char role) {
    const auto place = info.axes.find(role);
    return place == std::string::npos ? std::int64_t{1} : shape[place];
  };
  if (lengthOf('B') == 0) refuse("no samples: its shape is " + shapeText(shape));
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n <= 0; })) {
    refuse("an axis of length 0: its shape is " + shapeText(shape));
  }
  info.hasCropAxis = info.axes.find('T') != std::string::npos;
  info.samples = lengthOf('B');
  info.crops = lengthOf('T');
  info.channels = lengthOf('C');
  info.height = lengthOf('H');
  info.width = lengthOf('W');
}

void requireFloating(const SourceInfo& info, formats::NumberType type, const std::string& what) {
  if (formats::isFloating(type)) return;
  throw Error(ErrorKind::BadData, info.path,
              what + " holds numbers of the type " + formats::nameOf(type) + ", which latents are not",
              "store latents as float16, bfloat16, float32 or float64");
}

void checkSideData(SourceInfo& info, const SideData& side) {
  const auto requireCount = [&](const char* what, std::size_t count) {
    if (count == 0 || count == static_cast<std::size_t>(info.samples)) return;
    throw Error(ErrorKind::BadData, info.path,
                "there " + nounText(static_cast<std::int64_t>(count), "is", "are") + " " + countText(count, what) +
                    " for " + countText(info.samples, "sample") + " of latents",
                std::string("store exactly one of the ") + what + "s for each sample, or none");
  };
  requireCount("key", side.keys.size());
  requireCount("label", side.labels.size());
  if (side.context) {
    requireCount("context vector", static_cast<std::size_t>(side.context->info().samples));
    info.contextRows = side.context->info().height;
    info.contextDim = side.context->info().width;
  }
  if (side.labels.empty()) return;
  const auto [low, high] = std::minmax_element(side.labels.begin(), side.labels.end());
  if (*low < 0 || *high >= 1'000'000) {
    throw Error(ErrorKind::BadData, info.path,
                "the labels go from " + std::to_string(*low) + " to " + std::to_string(*high),
                "number the classes from 0 without large gaps");
  }
  info.classes = std::max<std::int64_t>(*high + 1, static_cast<std::int64_t>(info.classNames.size()));
}

std::vector<std::int64_t> readIntegers(const ByteStore& bytes, const formats::ArrayLayout& layout,
                                       const std::filesystem::path& path, const std::string& name) {
  if (layout.shape.size() != 1 || !formats::isInteger(layout.type)) {
    throw Error(ErrorKind::BadData, path,
                "'" + name + "' is " + formats::nameOf(layout.type) + " of shape " + shapeText(layout.shape) +
                    ", but whole numbers of shape (samples) are needed");
  }
  refuseRepeats(layout, bytes, path, "'" + name + "'");
  const auto size = formats::sizeOf(layout.type);
  const auto stride = static_cast<std::uint64_t>(layout.strides[0]) * size;
  std::vector<std::int64_t> values(static_cast<std::size_t>(layout.shape[0]));
  // Some thousand at once: one by one, the keys of 120,000 samples took longer than everything else of opening.
  constexpr std::uint64_t kBytesAtOnce = 1U << 20;
  const auto atOnce =
      static_cast<std::size_t>(std::max<std::uint64_t>(1, kBytesAtOnce / std::max<std::uint64_t>(stride, size)));
  std::vector<std::byte> some;
  for (std::size_t first = 0; first < values.size(); first += atOnce) {
    const auto count = std::min(atOnce, values.size() - first);
    some.resize((count - 1) * stride + size);
    bytes.read(layout.byteOffset + first * stride, some);
    for (std::size_t i = 0; i < count; ++i)
      values[first + i] = formats::toInteger(layout.type, layout.bigEndian, std::span(some).subspan(i * stride, size));
  }
  return values;
}

SourceInfo contextInfo(const std::vector<std::int64_t>& shape, const std::filesystem::path& path,
                       const std::string& name) {
  if (shape.size() != 2 && shape.size() != 3)
    throw Error(ErrorKind::BadData, path,
                "'" + name + "' has the shape " + shapeText(shape) +
                    ", but context vectors are (samples, vectors, numbers) or (samples, numbers)",
                "rename it if it is something else");
  SourceInfo info;
  info.path = path;
  info.format = "context";
  info.dataset = name;
  info.axes = shape.size() == 3 ? "BHW" : "BW";
  return info;
}

std::shared_ptr<const LatentSource> contextFrom(std::shared_ptr<const ByteStore> bytes,
                                                const formats::ArrayLayout& layout, const std::filesystem::path& path,
                                                const std::string& name) {
  return std::make_shared<const ArraySource>(contextInfo(layout.shape, path, name), std::move(bytes), layout);
}

std::vector<std::string> classNamesIn(const ByteStore& bytes, const formats::ArrayLayout& layout) {
  constexpr std::int64_t kLongest = 16 << 20;
  if (layout.shape.size() != 1 || layout.type != formats::NumberType::UInt8 || layout.strides[0] != 1 ||
      layout.shape[0] > kLongest)
    return {};
  std::vector<std::byte> text(static_cast<std::size_t>(layout.shape[0]));
  bytes.read(layout.byteOffset, text);
  return classNamesFrom(text);
}

void checkReadArguments(const SourceInfo& info, std::span<const std::int64_t> samples,
                        std::span<const std::int64_t> crops, std::size_t outSize) {
  const auto inside = [](std::span<const std::int64_t> values, std::int64_t end) {
    return std::all_of(values.begin(), values.end(), [end](std::int64_t i) { return i >= 0 && i < end; });
  };
  if (samples.size() != crops.size() || !inside(samples, info.samples) || !inside(crops, info.crops) ||
      outSize != samples.size() * static_cast<std::size_t>(info.sampleSize())) {
    throw Error(ErrorKind::Internal, "samples outside the dataset were asked for");
  }
}

ArraySource::ArraySource(SourceInfo info, std::shared_ptr<const ByteStore> bytes, formats::ArrayLayout layout,
                         SideData side)
    : info_(std::move(info)), bytes_(std::move(bytes)), layout_(std::move(layout)), side_(std::move(side)) {
  const std::string what = info_.dataset.empty() ? "the array" : "'" + info_.dataset + "'";
  requireFloating(info_, layout_.type, what);
  applyShape(info_, layout_.shape, what);
  refuseRepeats(layout_, *bytes_, info_.path, what);
  checkSideData(info_, side_);
  info_.dtype = formats::nameOf(layout_.type);
  layout_ = inOrder(layout_, info_.axes);
}

void ArraySource::read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
                       std::span<float> out) const {
  checkReadArguments(info_, samples, crops, out.size());
  const auto size = static_cast<std::size_t>(info_.sampleSize()), number = formats::sizeOf(layout_.type);
  const auto& stride = layout_.strides;
  std::vector<Block> blocks(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto first = static_cast<std::uint64_t>(samples[i] * stride[0] + crops[i] * stride[1]);
    blocks[i] = {.place = layout_.byteOffset + first * number,
                 .count = {info_.channels, info_.height, info_.width},
                 .stride = {stride[2], stride[3], stride[4]},
                 .out = i * size};
  }
  readBlocks(*bytes_, layout_.type, layout_.bigEndian, blocks, {info_.height * info_.width, info_.width, 1}, out);
}

}  // namespace dw::data
