// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/error.h"
#include "data/array_source.h"
#include "data/class_names.h"
#include "data/open_options.h"
#include "data/sources/format_table.h"
#include "data/unpack_cache.h"
#include "formats/inflate_stream.h"
#include "formats/zip_directory.h"

namespace dw::data::sources {
namespace {

using formats::NumberType;
constexpr std::size_t kLongestHeader = 64U << 10;
constexpr std::int64_t kLargestAxis = 1LL << 56;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why,
                         const std::string& remedy = "save it again by numpy.save") {
  throw Error(ErrorKind::BadData, path, why, remedy);
}

/// Text between `before` and the first of `ends` after it, in the header dict that numpy writes.
std::string between(const std::string& header, const std::string& before, char open, char close) {
  const auto key = header.find(before);
  const auto from = key == std::string::npos ? key : header.find(open, key + before.size());
  const auto to = from == std::string::npos ? from : header.find(close, from + 1);
  return to == std::string::npos ? std::string() : header.substr(from + 1, to - from - 1);
}

NumberType typeOf(const std::string& descr, const std::filesystem::path& path) {
  static constexpr std::array kTypes{std::pair{"f2", NumberType::Float16},   std::pair{"f4", NumberType::Float32},
                                     std::pair{"f8", NumberType::Float64},   std::pair{"u1", NumberType::UInt8},
                                     std::pair{"i1", NumberType::Int8},      std::pair{"i2", NumberType::Int16},
                                     std::pair{"u2", NumberType::UInt16},    std::pair{"i4", NumberType::Int32},
                                     std::pair{"u4", NumberType::UInt32},    std::pair{"i8", NumberType::Int64},
                                     std::pair{"u8", NumberType::UInt64},    std::pair{"b1", NumberType::Bool},
                                     std::pair{"c8", NumberType::Complex64}, std::pair{"c16", NumberType::Complex128}};
  if (descr.find('O') != std::string::npos) {
    refuse(path, "this array holds Python objects, not numbers; they would have to be executed, which is never done",
           "save an array of float16, float32 or float64");
  }
  for (const auto& [name, type] : kTypes) {
    if (descr.size() > 1 && descr.substr(1) == name) return type;
  }
  refuse(path, "this array holds the type '" + descr + "', which latents are not",
         "save an array of float16, float32 or float64");
}

std::vector<std::int64_t> shapeOf(const std::string& text, const std::filesystem::path& path) {
  std::vector<std::int64_t> shape;
  std::int64_t number = -1;  // -1: no digit yet
  for (const char c : text + ",") {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      if (number > kLargestAxis) refuse(path, "the array's shape (" + text + ") is larger than any file");
      number = std::max<std::int64_t>(number, 0) * 10 + (c - '0');
    } else if (c == ',' && number >= 0) {
      shape.push_back(number);
      number = -1;
    } else if (c != ',' && c != ' ') {
      refuse(path, "the array's shape (" + text + ") is not a row of numbers");
    }
  }
  return shape;
}

/// NPY format 1.0 to 3.0 (numpy.lib.format): magic, version, header length, a Python dict as text, the numbers.
formats::ArrayLayout readHeader(const ByteStore& bytes, std::uint64_t begin, std::uint64_t size,
                                const std::filesystem::path& path) {
  std::array<std::byte, 12> head{};
  if (size < head.size()) refuse(path, "the array is cut off in its header");
  bytes.read(begin, head);
  if (std::memcmp(head.data(), "\x93NUMPY", 6) != 0) refuse(path, "this is no array of numpy");
  const bool old = head[6] == std::byte{1};
  std::uint32_t length = 0;
  std::memcpy(&length, head.data() + 8, old ? 2 : 4);
  const std::uint64_t start = old ? 10 : 12;
  if (length > kLongestHeader || length > size - start)
    refuse(path, "the header of the array is longer than the file allows");
  std::string header(length, '\0');
  bytes.read(begin + start, std::as_writable_bytes(std::span(header.data(), header.size())));

  const auto descr = between(header, "'descr':", '\'', '\'');
  if (descr.empty()) refuse(path, "the array's header does not say what its numbers are");
  formats::ArrayLayout layout;
  layout.type = typeOf(descr, path);
  layout.bigEndian = descr[0] == '>';
  layout.byteOffset = begin + start + length;
  layout.shape = shapeOf(between(header, "'shape':", '(', ')'), path);
  layout.strides = formats::rowMajorStrides(layout.shape);
  const auto order = header.find("'fortran_order':");
  if (order != std::string::npos && header.find("True", order) == header.find_first_not_of(' ', order + 16)) {
    const std::vector<std::int64_t> turned(layout.shape.rbegin(), layout.shape.rend());
    layout.strides = formats::rowMajorStrides(turned);
    std::reverse(layout.strides.begin(), layout.strides.end());
  }
  return layout;
}

formats::ArrayLayout parseHeader(const ByteStore& bytes, std::uint64_t begin, std::uint64_t size,
                                 const std::filesystem::path& path) {
  auto layout = readHeader(bytes, begin, size, path);
  formats::checkInside(layout, begin, size, path, "the array");
  return layout;
}

bool matchesNpy(const ReadFile& file) {
  const auto head = headOf(file, 6);
  return head.size() == 6 && std::memcmp(head.data(), "\x93NUMPY", 6) == 0;
}

std::shared_ptr<const LatentSource> openNpy(const std::filesystem::path& path, const OpenOptions& options) {
  const auto file = std::make_shared<const ReadFile>(path);
  const auto bytes = fileBytes(file);
  SourceInfo info;
  info.path = path;
  info.format = "npy";
  info.axes = options.axes;
  info.bytes = file->size();
  auto layout = parseHeader(*bytes, 0, file->size(), path);
  return std::make_shared<const ArraySource>(std::move(info), bytes, std::move(layout));
}

/// A zip file whose first record is an array.
bool matchesNpz(const ReadFile& file) {
  const auto head = headOf(file, 30 + 512);
  if (head.size() < 34 || std::memcmp(head.data(), "PK\3\4", 4) != 0) return false;
  const std::size_t length = std::min<std::size_t>(
      std::to_integer<std::size_t>(head[26]) | std::to_integer<std::size_t>(head[27]) << 8, head.size() - 30);
  return std::string_view(reinterpret_cast<const char*>(head.data()) + 30, length).ends_with(".npy");
}

struct Located {
  std::shared_ptr<const ByteStore> bytes;
  formats::ArrayLayout layout;
};

/// Unpacks an entry into the disk cache, with the checksum compared.
std::shared_ptr<const ReadFile> unpackEntry(const ReadFile& file, const formats::ZipEntry& entry,
                                            const OpenOptions& options) {
  return unpackedFile({.original = file, .what = entry.name, .bytes = entry.bytes}, options, [&](const Put& put) {
    const auto crc = formats::inflateFile(
        file, entry.dataOffset, entry.storedBytes, false, [&](std::span<const std::byte> bytes, std::uint64_t done) {
          put(bytes, static_cast<double>(done) / static_cast<double>(entry.storedBytes));
        });
    if (crc != entry.crc)
      refuse(file.path(), "the checksum of the record '" + entry.name + "' does not fit its bytes", "fetch it again");
  });
}

/// Stored arrays are read where they lie; packed ones are unpacked into memory or, large ones, into the disk cache, after
/// their claimed size, and with the checksum compared.
Located locate(const std::shared_ptr<const ReadFile>& file, const formats::ZipEntry& entry,
               const OpenOptions& options) {
  if (entry.method == 0) {
    auto bytes = fileBytes(file);
    auto layout = parseHeader(*bytes, entry.dataOffset, entry.storedBytes, file->path());
    return {std::move(bytes), std::move(layout)};
  }
  // Deflate packs at most 1032 : 1, so a larger claim is a lie that must not be allocated for.
  if (entry.bytes / 1032 > entry.storedBytes)
    refuse(file->path(), "the record '" + entry.name + "' claims an impossible size");
  const bool large = entry.method == 8 && entry.bytes > kUnpackedInMemory;
  auto bytes = large ? fileBytes(unpackEntry(*file, entry, options))
                     : memoryBytes(formats::readZipEntry(*file, entry, kUnpackedInMemory));
  auto layout = parseHeader(*bytes, 0, entry.bytes, file->path());
  return {std::move(bytes), std::move(layout)};
}

std::shared_ptr<const LatentSource> openNpz(const std::filesystem::path& path, const OpenOptions& options) {
  const auto& dataset = options.dataset;
  const auto file = std::make_shared<const ReadFile>(path);
  const auto entries = formats::readZipDirectory(*file);
  const auto find = [&](const std::string& name) {
    return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name + ".npy"; });
  };
  auto chosen = find(dataset.empty() ? "latents" : dataset);
  if (chosen == entries.end() && dataset.empty() && entries.size() == 1) chosen = entries.begin();
  if (chosen == entries.end()) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(entries.size(), 12); ++i)
      names += (i > 0 ? ", '" : "'") + entries[i].name + "'";
    refuse(path, "there is no array '" + (dataset.empty() ? "latents" : dataset) + "'; the file holds " + names,
           "choose one by data.dataset");
  }
  SideData side;
  for (auto [name, values] : {std::pair{"keys", &side.keys}, std::pair{"labels", &side.labels}}) {
    if (const auto found = find(name); found != entries.end()) {
      const auto array = locate(file, *found, options);
      *values = readIntegers(*array.bytes, array.layout, path, name);
    }
  }
  if (const auto found = find("context"); found != entries.end()) {
    auto array = locate(file, *found, options);
    side.context = contextFrom(std::move(array.bytes), array.layout, path, "context");
  }
  SourceInfo info;
  if (const auto found = find(kClassNamesArray); found != entries.end()) {
    const auto array = locate(file, *found, options);
    info.classNames = classNamesIn(*array.bytes, array.layout);
  }
  info.path = path;
  info.format = "npz";
  info.axes = options.axes;
  info.dataset = chosen->name.substr(0, chosen->name.size() - 4);
  info.bytes = file->size();
  auto array = locate(file, *chosen, options);
  return std::make_shared<const ArraySource>(std::move(info), std::move(array.bytes), std::move(array.layout),
                                             std::move(side));
}

/// Of packed arrays only the beginning is unpacked, where the header stands.
std::vector<Candidate> candidates(const std::filesystem::path& path) {
  const auto file = std::make_shared<const ReadFile>(path);
  std::vector<Candidate> found;
  for (const auto& entry : formats::readZipDirectory(*file)) {
    if (!entry.name.ends_with(".npy")) continue;
    const auto name = entry.name.substr(0, entry.name.size() - 4);
    try {
      const auto bytes =
          entry.method == 0 ? fileBytes(file) : memoryBytes(formats::readZipEntryHead(*file, entry, kLongestHeader));
      const auto layout = readHeader(*bytes, entry.method == 0 ? entry.dataOffset : 0,
                                     entry.method == 0 ? entry.storedBytes : bytes->size(), path);
      found.push_back(candidateOf(name, layout.type, layout.shape));
    } catch (const Error&) {  // objects, a type that is not read, damage: opening it says why
      found.push_back({name, "", {}, false});
    }
  }
  return found;
}

}  // namespace

extern const Format kNpyFormat{"npy", ".npy", ".npy of numpy", matchesNpy, openNpy};
extern const Format kNpzFormat{"npz", ".npz", ".npz of numpy with an array 'latents'", matchesNpz, openNpz, candidates};

}  // namespace dw::data::sources
