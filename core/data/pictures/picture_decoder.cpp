// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/pictures/picture_decoder.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text_format.h"
#include "data/pictures/jpeg_decoder.h"

namespace dw::data::pictures {
namespace {

constexpr std::int64_t kMostPixels = 1 << 26;
// Deflate packs at most 1032 : 1, and the smallest PNG pixel has one bit. A JPEG block of 64 pixels takes a bit or more.
constexpr std::uint64_t kMostPngPixelsPerByte = std::uint64_t{1032} * 8, kMostJpegPixelsPerByte = 512;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& sentence,
                         const std::string& remedy = "fetch or save the picture again, or take it out of the folder") {
  throw Error(ErrorKind::BadData, path, sentence, remedy);
}

void checkSize(const std::filesystem::path& path, const PictureFacts& facts, std::size_t bytes,
               std::uint64_t mostPerByte) {
  const auto size = std::to_string(facts.width) + " x " + std::to_string(facts.height);
  if (facts.width < 1 || facts.height < 1) refuse(path, "the picture has no pixels: its size is " + size);
  if (facts.width > kMostPixels / facts.height)
    refuse(path, "the picture has " + size + " pixels, more than the 67 million that are read", "make it smaller");
  if (static_cast<std::uint64_t>(facts.width * facts.height) / mostPerByte > bytes)
    refuse(path,
           "the picture claims " + size + " pixels, more than a file of " + countText(bytes, "byte") + " can hold");
}

bool isPng(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8) == 0;
}
bool isJpeg(std::span<const std::byte> bytes) {
  return bytes.size() > 3 && std::memcmp(bytes.data(), "\xff\xd8\xff", 3) == 0;
}

/// libpng's simplified interface: it catches its own errors, so no longjmp crosses our frames.
class PngImage {
 public:
  PngImage(std::filesystem::path path, std::span<const std::byte> bytes) : path_(std::move(path)) {
    image_.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) == 0) fail();
    image_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // what 16 bits without a gamma are nearly always
    facts_ = {image_.width, image_.height, (image_.format & PNG_FORMAT_FLAG_COLOR) != 0};
  }
  ~PngImage() { png_image_free(&image_); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;

  const PictureFacts& facts() const { return facts_; }
  void readInto(Picture& picture) {
    image_.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    const png_color white{255, 255, 255};
    if (png_image_finish_read(&image_, &white, picture.values.data(), 0, nullptr) == 0) fail();
  }

 private:
  [[noreturn]] void fail() {
    const std::string reason(image_.message);
    png_image_free(&image_);  // a constructor that throws runs no destructor; a second call is harmless
    refuse(path_, "the PNG picture is damaged: " + reason);
  }

  std::filesystem::path path_;
  png_image image_{};
  PictureFacts facts_;
};

void allocate(Picture& picture) {
  picture.values.resize(static_cast<std::size_t>(picture.width * picture.height * picture.channels));
}

/// What part of which source pixels one target pixel covers.
struct Box {
  std::int64_t first = 0;
  std::vector<float> weights;  ///< sum 1
};

std::vector<Box> boxesOf(std::int64_t source, std::int64_t target) {
  std::vector<Box> boxes;
  const double step = static_cast<double>(source) / static_cast<double>(target);
  for (std::int64_t i = 0; i < target; ++i) {
    const double begin = static_cast<double>(i) * step, end = begin + step;
    Box box{static_cast<std::int64_t>(begin), {}};
    for (auto k = box.first; k < source && static_cast<double>(k) < end; ++k) {
      const double part = std::min(end, static_cast<double>(k + 1)) - std::max(begin, static_cast<double>(k));
      box.weights.push_back(static_cast<float>(part / step));
    }
    boxes.push_back(std::move(box));
  }
  return boxes;
}

}  // namespace

PictureFacts pictureFacts(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  if (isPng(bytes)) {
    const auto facts = PngImage(path, bytes).facts();
    checkSize(path, facts, bytes.size(), kMostPngPixelsPerByte);
    return facts;
  }
  if (!isJpeg(bytes)) refuse(path, "this is neither a PNG nor a JPEG picture, whatever its ending says");
  const auto facts = JpegDecoder(path, bytes).facts();
  checkSize(path, facts, bytes.size(), kMostJpegPixelsPerByte);
  return facts;
}

Picture decodePicture(const std::filesystem::path& path, std::span<const std::byte> bytes, std::int64_t channels,
                      std::int64_t atLeast) {
  const auto facts = pictureFacts(path, bytes);
  if (facts.colour && channels == 1)
    refuse(path, "the picture has colours, but when the folder was opened all were grey", "open the folder again");
  Picture picture{facts.width, facts.height, channels, {}};
  if (isPng(bytes)) {
    allocate(picture);
    PngImage(path, bytes).readInto(picture);
    return picture;
  }
  JpegDecoder jpeg(path, bytes);
  jpeg.start(picture, atLeast);
  allocate(picture);
  jpeg.readInto(picture);
  return picture;
}

std::vector<std::uint8_t> centreSquare(const Picture& picture, std::int64_t side) {
  const auto square = std::min(picture.width, picture.height), c = picture.channels;
  const auto left = (picture.width - square) / 2, top = (picture.height - square) / 2;
  const auto boxes = boxesOf(square, side);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(side * side * c));
  std::vector<float> column(static_cast<std::size_t>(square * c));  // rows of one target row, averaged
  for (std::int64_t y = 0; y < side; ++y) {
    const auto& rows = boxes[static_cast<std::size_t>(y)];
    std::fill(column.begin(), column.end(), 0.0F);
    for (std::size_t r = 0; r < rows.weights.size(); ++r) {
      const auto* row =
          picture.values.data() + ((top + rows.first + static_cast<std::int64_t>(r)) * picture.width + left) * c;
      for (std::size_t x = 0; x < column.size(); ++x) column[x] += rows.weights[r] * static_cast<float>(row[x]);
    }
    for (std::int64_t i = 0; i < side * c; ++i) {
      const auto& box = boxes[static_cast<std::size_t>(i / c)];
      float sum = 0.0F;
      for (std::size_t k = 0; k < box.weights.size(); ++k)
        sum +=
            box.weights[k] * column[static_cast<std::size_t>((box.first + static_cast<std::int64_t>(k)) * c + i % c)];
      out[static_cast<std::size_t>(y * side * c + i)] =
          static_cast<std::uint8_t>(std::clamp(std::lround(sum), 0L, 255L));
    }
  }
  return out;
}

}  // namespace dw::data::pictures
