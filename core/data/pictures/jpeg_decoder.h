// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "data/pictures/picture_decoder.h"

namespace dw::data::pictures {

/// One JPEG picture in memory, by libjpeg-turbo, whose errors become Error BadData. bytes must outlive it.
class JpegDecoder {
 public:
  /// Reads the header.
  JpegDecoder(const std::filesystem::path& path, std::span<const std::byte> bytes);
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  const PictureFacts& facts() const noexcept { return facts_; }
  /// Sets picture's width and height to what readInto will give, atLeast or more on each side if the picture has so many.
  void start(Picture& picture, std::int64_t atLeast);
  /// picture.values has room for width x height x channels. A picture that is cut off or damaged is refused.
  void readInto(Picture& picture);

 private:
  struct State;
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::unique_ptr<State> state_;
  PictureFacts facts_;
};

}  // namespace dw::data::pictures
