// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/pictures/jpeg_decoder.h"

#include <csetjmp>
#include <cstdio>
// jpeglib.h needs what <cstdio> declares.
#include <jpeglib.h>
// The numbers of libjpeg's messages.
#include <jerror.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace dw::data::pictures {
namespace {

// A progressive picture has about ten scans; files with thousands keep a reader busy for hours.
constexpr int kMostScans = 100;

}  // namespace

/// libjpeg leaves by longjmp. Every call into it stands in one of the functions below, which hold nothing that would need
/// a destructor, so nothing is jumped over; memory belongs to JpegDecoder and to the caller.
struct JpegDecoder::State {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf back{};
  std::array<char, JMSG_LENGTH_MAX> message{};
  bool damaged = false;

  static State& of(j_common_ptr info) { return *static_cast<State*>(info->client_data); }
  [[noreturn]] static void leave(j_common_ptr info) {
    auto& state = of(info);
    (*info->err->format_message)(info, state.message.data());
    std::longjmp(state.back, 1);
  }
  /// Warnings about lost pixels make the picture damaged; others (stray bytes between markers) do not.
  static void note(j_common_ptr info, int level) {
    if (level >= 0) return;
    const int code = info->err->msg_code;
    if (code != JWRN_JPEG_EOF && code != JWRN_HIT_MARKER && code != JWRN_HUFF_BAD_CODE) return;
    auto& state = of(info);
    if (!state.damaged) (*info->err->format_message)(info, state.message.data());
    state.damaged = true;
  }
  static void count(j_common_ptr info) {
    auto* jpeg = reinterpret_cast<j_decompress_ptr>(info);
    if (jpeg->input_scan_number <= kMostScans) return;
    constexpr char kTooMany[] = "it has more than 100 scans";
    std::copy_n(kTooMany, sizeof kTooMany, of(info).message.data());
    std::longjmp(of(info).back, 1);
  }

  bool readHeader(const unsigned char* bytes, unsigned long count) {
    if (setjmp(back) != 0) return false;
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &progress;
    jpeg_mem_src(&jpeg, bytes, count);
    return jpeg_read_header(&jpeg, TRUE) == JPEG_HEADER_OK;
  }
  bool start() {
    if (setjmp(back) != 0) return false;
    return jpeg_start_decompress(&jpeg) != FALSE;
  }
  bool readRows(unsigned char* out, std::size_t rowBytes) {
    if (setjmp(back) != 0) return false;
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = out + jpeg.output_scanline * rowBytes;
      if (jpeg_read_scanlines(&jpeg, &row, 1) != 1) return false;
    }
    return jpeg_finish_decompress(&jpeg) != FALSE && !damaged;
  }
};

JpegDecoder::JpegDecoder(const std::filesystem::path& path, std::span<const std::byte> bytes)
    : path_(path), state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.jpeg.err = jpeg_std_error(&s.errors);
  s.jpeg.client_data = &s;
  s.errors.error_exit = State::leave;
  s.errors.emit_message = State::note;
  s.progress.progress_monitor = State::count;
  if (!s.readHeader(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())) {
    jpeg_destroy_decompress(&s.jpeg);  // a constructor that throws runs no destructor
    fail();
  }
  facts_ = {s.jpeg.image_width, s.jpeg.image_height, s.jpeg.jpeg_color_space != JCS_GRAYSCALE};
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&state_->jpeg); }

void JpegDecoder::fail() const {
  throw Error(ErrorKind::BadData, path_, std::string("the JPEG picture is damaged: ") + state_->message.data(),
              "fetch or save the picture again, or take it out of the folder");
}

void JpegDecoder::start(Picture& picture, std::int64_t atLeast) {
  auto& jpeg = state_->jpeg;
  if (jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK) {
    throw Error(ErrorKind::BadData, path_, "the picture is stored in printing colours (CMYK)", "save it in RGB");
  }
  jpeg.out_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg.scale_num = jpeg.scale_denom = 1;
  // Skipping detail that the area average removes anyway: half of what is decoded stays above the wanted size.
  while (jpeg.scale_denom < 8 && std::min(facts_.width, facts_.height) / (2 * jpeg.scale_denom) >= atLeast)
    jpeg.scale_denom *= 2;
  if (!state_->start()) fail();
  picture.width = jpeg.output_width;
  picture.height = jpeg.output_height;
}

void JpegDecoder::readInto(Picture& picture) {
  if (!state_->readRows(picture.values.data(), static_cast<std::size_t>(picture.width * picture.channels))) fail();
}

}  // namespace dw::data::pictures
