// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/text_format.h"
#include "data/array_source.h"
#include "data/open_options.h"
#include "data/sources/format_table.h"
#include "data/sources/gzip_source.h"

namespace dw::data::sources {
namespace {

constexpr std::int64_t kPad = 32;  // 28x28 pictures get two pixels on each side: the sizes must be divisible by patches
constexpr std::array kFashion{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                              "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/// The bytes of an IDX file, unpacked where it is gzipped.
std::shared_ptr<const ByteStore> load(const std::filesystem::path& path, const OpenOptions& options) {
  auto file = std::make_shared<const ReadFile>(path);
  return isGzip(*file) ? gunzipped(file, options) : fileBytes(std::move(file));
}

/// IDX (LeCun, Cortes, Burges: "The MNIST database"): 0 0 type rank, then each axis as a big-endian 32-bit number.
std::vector<std::int64_t> shapeOf(const ByteStore& store, const std::filesystem::path& path) {
  if (store.size() < 4)
    throw Error(ErrorKind::BadData, path, "the file ends in the IDX header", "fetch it again", store.size());
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(store.size(), 4 + 4 * 255)));
  store.read(0, bytes);
  const auto type = std::to_integer<int>(bytes[2]), rank = std::to_integer<int>(bytes[3]);
  if (bytes[0] != std::byte{0} || bytes[1] != std::byte{0})
    throw Error(ErrorKind::BadData, path, "this is no IDX file", "choose one that begins with 0 0");
  if (type != 8)
    throw Error(ErrorKind::BadData, path,
                "this IDX file does not hold bytes (uint8) but the type " + std::to_string(type),
                "only pictures of bytes are read");
  if (bytes.size() < 4 + 4 * static_cast<std::size_t>(rank))
    throw Error(ErrorKind::BadData, path, "the file ends in the IDX header", "fetch it again", bytes.size());
  std::vector<std::int64_t> shape;
  std::optional<std::uint64_t> total = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(rank); ++i) {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k < 4; ++k) n = (n << 8) | std::to_integer<std::uint64_t>(bytes[4 + 4 * i + k]);
    shape.push_back(static_cast<std::int64_t>(n));
    total = total ? formats::product(*total, n) : total;
  }
  const auto there = store.size() - 4 - 4 * static_cast<std::size_t>(rank);
  if (!total || *total != there) {
    throw Error(ErrorKind::BadData, path,
                "the header promises " + shapeText(shape) + " bytes, but " + countText(there, "follows", "follow"),
                "the file may be cut off: fetch it again", store.size());
  }
  return shape;
}

/// train-images-idx3-ubyte[.gz] -> labels beside it, packed or not; empty path if there are none.
std::filesystem::path labelsBeside(const std::filesystem::path& images) {
  auto name = images.filename().string();
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    if (const auto at = name.find(from); at != std::string::npos) name.replace(at, std::strlen(from), to);
  }
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  std::error_code ignored;
  for (const auto& candidate : {images.parent_path() / name, images.parent_path() / (name + ".gz")}) {
    if (candidate.filename() != images.filename() && std::filesystem::is_regular_file(candidate, ignored))
      return candidate;
  }
  return {};
}

std::vector<std::int64_t> readLabels(const std::filesystem::path& images, const OpenOptions& options) {
  const auto path = labelsBeside(images);
  if (path.empty()) return {};
  const auto store = load(path, options);
  if (shapeOf(*store, path).size() != 1)
    throw Error(ErrorKind::BadData, path, "the labels do not have one axis", "choose the labels of these pictures");
  std::vector<std::byte> bytes(static_cast<std::size_t>(store->size() - 8));
  store->read(8, bytes);
  std::vector<std::int64_t> labels;
  for (const auto byte : bytes) labels.push_back(std::to_integer<std::int64_t>(byte));
  return labels;
}

/// Grey pictures, padded on reading: [N, h, w] bytes after the header.
class IdxSource : public LatentSource {
 public:
  IdxSource(SourceInfo info, std::shared_ptr<const ByteStore> bytes, std::vector<std::int64_t> shape, SideData side)
      : info_(std::move(info)), bytes_(std::move(bytes)), height_(shape[1]), width_(shape[2]), side_(std::move(side)) {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = static_cast<float>(i) / 127.5F - 1.0F;
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return side_.labels; }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    std::fill(out.begin(), out.end(), -1.0F);
    std::vector<std::byte> pixels(static_cast<std::size_t>(height_ * width_));
    const auto top = (info_.height - height_) / 2, left = (info_.width - width_) / 2;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      bytes_->read(16 + static_cast<std::uint64_t>(samples[i] * height_ * width_), pixels);
      const auto* in = pixels.data();
      auto* picture = out.data() + static_cast<std::int64_t>(i) * info_.sampleSize();
      for (std::int64_t y = 0; y < height_; ++y) {
        auto* row = picture + (y + top) * info_.width + left;
        std::transform(in + y * width_, in + (y + 1) * width_, row,
                       [this](std::byte b) { return table_[std::to_integer<std::size_t>(b)]; });
      }
    }
  }

 private:
  SourceInfo info_;
  std::shared_ptr<const ByteStore> bytes_;
  std::int64_t height_, width_;
  SideData side_;
  std::array<float, 256> table_{};
};

bool matches(const ReadFile& file) {
  const auto head = headOf(file, 4);
  return head.size() == 4 && head[0] == std::byte{0} && head[1] == std::byte{0} && head[2] >= std::byte{8} &&
         head[2] <= std::byte{14};
}

std::shared_ptr<const LatentSource> open(const std::filesystem::path& path, const OpenOptions& options) {
  auto bytes = load(path, options);
  const auto shape = shapeOf(*bytes, path);
  if (shape.size() != 3) {
    throw Error(ErrorKind::BadData, path,
                "this IDX file has rank " + std::to_string(shape.size()) + ", shape " + shapeText(shape) +
                    ", but pictures have three axes",
                shape.size() == 1 ? "these are labels: choose the file with images in its name"
                                  : "choose a file of grey pictures (idx3-ubyte)");
  }
  SourceInfo info;
  info.path = path;
  info.format = "idx";
  info.axes = "BCHW";
  info.dtype = "uint8";
  info.bytes = ReadFile(path).size();
  const bool mnist = shape[1] == 28 && shape[2] == 28;
  applyShape(info, {shape[0], 1, mnist ? kPad : shape[1], mnist ? kPad : shape[2]}, "this IDX file");
  SideData side{.labels = readLabels(path, options)};
  const auto folder = std::filesystem::absolute(path).parent_path().filename().string();
  if (!side.labels.empty() && folder.find("fashion") != std::string::npos)
    info.classNames.assign(kFashion.begin(), kFashion.end());
  checkSideData(info, side);
  return std::make_shared<const IdxSource>(std::move(info), std::move(bytes), shape, std::move(side));
}

}  // namespace

extern const Format kIdxFormat{"idx", "", "IDX pictures such as train-images-idx3-ubyte(.gz)", matches, open};

}  // namespace dw::data::sources
