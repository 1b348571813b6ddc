// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/pictures/contact_sheet.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"

namespace dw::data::pictures {
namespace {

constexpr std::uint8_t kGround = 40;

/// More than a viewer opens, and numbers of pixels beyond an int.
void refuseHuge(std::int64_t width, std::int64_t height) {
  constexpr std::int64_t kLongestSide = 1'000'000;
  constexpr std::int64_t kMostPixels = 1'400'000'000;  // libpng takes 4 GiB
  if (width <= kLongestSide && height <= kLongestSide && width * height <= kMostPixels) return;
  throw Error(ErrorKind::Usage,
              "the sheet would have " + std::to_string(width) + " x " + std::to_string(height) +
                  " pixels, more than a picture should",
              "put fewer pictures on it, or make them smaller (zoom)");
}

/// Puts one picture into the sheet, its upper left corner at (x, y).
void place(const PreviewImage& picture, int x, int y, int zoom, PreviewImage& sheet) {
  for (int row = 0; row < picture.height * zoom; ++row) {
    for (int column = 0; column < picture.width * zoom; ++column) {
      const auto from = 3 * (static_cast<std::size_t>(row / zoom) * static_cast<std::size_t>(picture.width) +
                             static_cast<std::size_t>(column / zoom));
      const auto to = 3 * (static_cast<std::size_t>(y + row) * static_cast<std::size_t>(sheet.width) +
                           static_cast<std::size_t>(x + column));
      std::memcpy(sheet.rgb.data() + to, picture.rgb.data() + from, 3);
    }
  }
}

}  // namespace

std::vector<PreviewImage> picturesOf(std::span<const float> values, const SourceInfo& info,
                                     const RgbProjection& projection, std::optional<float> channelLimit) {
  const auto size = static_cast<std::size_t>(info.sampleSize()),
             plane = static_cast<std::size_t>(info.height * info.width);
  std::vector<PreviewImage> pictures;
  for (std::size_t begin = 0; begin + size <= values.size(); begin += size) {
    const auto sample = values.subspan(begin, size);
    pictures.push_back(previewRgb(sample, info, projection));
    for (std::size_t c = 0; channelLimit && c < static_cast<std::size_t>(info.channels); ++c) {
      pictures.push_back(previewChannel(sample.subspan(c * plane, plane), static_cast<int>(info.height),
                                        static_cast<int>(info.width), *channelLimit));
    }
  }
  return pictures;
}

int zoomFor(std::int64_t height, std::int64_t width, int pixels) {
  return std::max(1, pixels / static_cast<int>(std::max(height, width)));
}

int squareColumns(std::size_t pictures) {
  return std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pictures)))));
}

PreviewImage contactSheet(const std::vector<PreviewImage>& pictures, const SheetLayout& layout) {
  if (pictures.empty()) throw Error(ErrorKind::Usage, "a sheet needs at least one picture");
  const int columns = std::max(1, layout.columns), zoom = std::max(1, layout.zoom);
  const int rows = (static_cast<int>(pictures.size()) + columns - 1) / columns;
  const int width = pictures.front().width * zoom, height = pictures.front().height * zoom;
  refuseHuge(layout.gap + std::int64_t{columns} * (width + layout.gap),
             layout.gap + std::int64_t{rows} * (height + layout.gap));
  PreviewImage sheet{.width = layout.gap + columns * (width + layout.gap),
                     .height = layout.gap + rows * (height + layout.gap),
                     .rgb = {}};
  sheet.rgb.assign(3 * static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height), kGround);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
    place(pictures[i], layout.gap + column * (width + layout.gap), layout.gap + row * (height + layout.gap), zoom,
          sheet);
  }
  return sheet;
}

void writePng(const std::filesystem::path& path, const PreviewImage& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> bytes(size);
  // libpng's simplified interface catches its own errors: no longjmp crosses our frames.
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.rgb.data(), 0, nullptr) == 0) {
    throw Error(ErrorKind::Io, path, std::string("the picture could not be packed: ") + image.message,
                "make a smaller sheet");
  }
  bytes.resize(size);
  writeFileAtomically(path, std::span<const std::byte>(bytes));
}

}  // namespace dw::data::pictures
