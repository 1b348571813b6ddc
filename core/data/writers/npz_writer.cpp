// SPDX-License-Identifier: GPL-3.0-or-later
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "data/array_source.h"
#include "data/writers/dataset_writer.h"

namespace dw::data::writers {
namespace {

constexpr std::uint64_t kLarge = 0xFFFFFFFFU;  // this and more stands in zip64 fields
constexpr std::uint64_t kCrcAt = 14;           // place of the checksum in a local header

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  return out;
}

std::uint32_t addToCrc(std::uint32_t crc, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min<std::size_t>(bytes.size(), 1U << 30));
    crc = static_cast<std::uint32_t>(
        crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size())));
    bytes = bytes.subspan(piece.size());
  }
  return crc;
}

/// NPY 1.0 (numpy.lib.format): magic, length, a Python dict as text, padded so that the numbers begin at a multiple of 64.
std::string npyHeader(const char* descr, const std::vector<std::int64_t>& shape) {
  auto axes = shapeText(shape);
  if (shape.size() == 1) axes.insert(axes.size() - 1, ",");
  std::string dict = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + axes + ", }";
  dict.resize((10 + dict.size() + 1 + 63) / 64 * 64 - 10, ' ');
  dict.back() = '\n';
  return std::string("\x93NUMPY\x01\0", 8) + little(dict.size(), 2) + dict;
}

const char* descrOf(formats::NumberType type) {
  switch (type) {
    case formats::NumberType::Float16: return "<f2";
    case formats::NumberType::Int64: return "<i8";
    case formats::NumberType::UInt8: return "|u1";
    default: return "<f4";
  }
}

/// A zip file of stored records (PKWARE APPNOTE 6.3), each an array, as numpy.savez writes it.
class NpzWriter : public DatasetWriter {
 public:
  explicit NpzWriter(const DatasetToWrite& dataset) : dataset_(dataset), file_(dataset.path, 0) {}

  void append(std::size_t array, std::span<const std::byte> numbers) override {
    while (records_.size() <= array) begin(dataset_.arrays[records_.size()]);
    put(numbers);
  }

  void finish() override {
    writeDirectory();
    file_.sync();
    // The checksum of a record is known only after it, but stands before it.
    std::fstream patch(dataset_.path, std::ios::in | std::ios::out | std::ios::binary);
    for (const auto& record : records_) {
      patch.seekp(static_cast<std::streamoff>(record.offset + kCrcAt));
      patch << little(record.crc, 4);
    }
    patch.close();
    if (!patch) throw Error(ErrorKind::Io, dataset_.path, "could not write the checksums", "try again on another disk");
    syncPath(dataset_.path);
  }

 private:
  struct Record {
    std::string name;
    std::uint64_t offset = 0, bytes = 0;
    std::uint32_t crc = 0;
  };

  void write(std::span<const std::byte> bytes) {
    file_.append(bytes);
    size_ += bytes.size();
  }
  void writeText(const std::string& text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Contents of the record that was begun last.
  void put(std::span<const std::byte> bytes) {
    records_.back().crc = addToCrc(records_.back().crc, bytes);
    write(bytes);
  }

  /// What local header and directory have in common: flags, method 0, date 1980-01-01, checksum, sizes, lengths of texts.
  static std::string facts(const Record& record, const std::string& extra) {
    const auto size = little(std::min(record.bytes, kLarge), 4);
    return little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + little(record.crc, 4) + size + size +
           little(record.name.size(), 2) + little(extra.size(), 2);
  }

  void begin(const ArrayToWrite& array) {
    const auto header = npyHeader(descrOf(array.type), array.shape);
    const auto bytes = header.size() + array.bytes();
    records_.push_back({array.name + ".npy", size_, bytes, 0});
    std::string extra;
    if (bytes >= kLarge) extra = little(1, 2) + little(16, 2) + little(bytes, 8) + little(bytes, 8);
    writeText(little(0x04034B50, 4) + little(bytes >= kLarge ? 45 : 20, 2) + facts(records_.back(), extra) +
              records_.back().name + extra);
    put(std::as_bytes(std::span(header.data(), header.size())));
  }

  void writeDirectory() {
    const auto start = size_;
    for (const auto& record : records_) {
      std::string large;
      if (record.bytes >= kLarge) large += little(record.bytes, 8) + little(record.bytes, 8);
      if (record.offset >= kLarge) large += little(record.offset, 8);
      const auto extra = large.empty() ? std::string() : little(1, 2) + little(large.size(), 2) + large;
      const auto version = little(large.empty() ? 20 : 45, 2);
      writeText(little(0x02014B50, 4) + version + version + facts(record, extra) + little(0, 2) + little(0, 2) +
                little(0, 2) + little(0, 4) + little(std::min(record.offset, kLarge), 4) + record.name + extra);
    }
    const auto length = size_ - start, end64 = size_;
    if (start >= kLarge) {
      writeText(little(0x06064B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4) +
                little(records_.size(), 8) + little(records_.size(), 8) + little(length, 8) + little(start, 8));
      writeText(little(0x07064B50, 4) + little(0, 4) + little(end64, 8) + little(1, 4));
    }
    writeText(little(0x06054B50, 4) + little(0, 4) + little(records_.size(), 2) + little(records_.size(), 2) +
              little(length, 4) + little(std::min(start, kLarge), 4) + little(0, 2));
  }

  DatasetToWrite dataset_;
  AppendFile file_;
  std::uint64_t size_ = 0;
  std::vector<Record> records_;
};

}  // namespace

std::unique_ptr<DatasetWriter> makeNpzWriter(const DatasetToWrite& dataset) {
  return std::make_unique<NpzWriter>(dataset);
}

}  // namespace dw::data::writers
