// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text_format.h"

namespace dw::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are handed over as they lie in the file");

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLargestHeader = 100ULL << 20;  // the limit of the format's own implementation

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kElementSizes{{{"BOOL", 1},
                                                                                    {"U8", 1},
                                                                                    {"I8", 1},
                                                                                    {"F8_E5M2", 1},
                                                                                    {"F8_E4M3", 1},
                                                                                    {"I16", 2},
                                                                                    {"U16", 2},
                                                                                    {"F16", 2},
                                                                                    {"BF16", 2},
                                                                                    {"I32", 4},
                                                                                    {"U32", 4},
                                                                                    {"F32", 4},
                                                                                    {"F64", 8},
                                                                                    {"I64", 8},
                                                                                    {"U64", 8}}};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& sentence,
                         std::optional<std::uint64_t> byte = {}) {
  throw Error(ErrorKind::BadData, path, sentence, "the file is damaged or no safetensors file: fetch or save it again",
              byte);
}

/// nlohmann keeps the last of two equal keys; a file with one name twice must be refused, so keys are watched as they come.
nlohmann::json parseWatchingKeys(std::string_view text, const std::filesystem::path& path) {
  std::vector<std::set<std::string>> seen;
  std::string twice;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::object_start) seen.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end && !seen.empty()) seen.pop_back();
    if (event == nlohmann::json::parse_event_t::key && !seen.empty() &&
        !seen.back().insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return true;
  };
  try {
    auto json = nlohmann::json::parse(text, watch);
    if (!twice.empty()) refuse(path, "the name '" + twice + "' stands twice in the header");
    return json;
  } catch (const nlohmann::json::exception&) {
    refuse(path, "the header is not valid JSON", kLengthBytes);
  }
}

/// A whole number >= 0 that fits, or a refusal.
std::uint64_t wholeNumber(const nlohmann::json& value, const std::filesystem::path& path, const std::string& name) {
  if (!value.is_number_unsigned()) refuse(path, "tensor '" + name + "': a size or offset is not a whole number >= 0");
  return value.get<std::uint64_t>();
}

std::uint64_t checkedBytes(const TensorEntry& entry, const std::filesystem::path& path) {
  std::uint64_t total = safetensorsElementSize(entry.dtype);
  if (total == 0) refuse(path, "tensor '" + entry.name + "': unknown number type '" + entry.dtype + "'");
  for (const auto size : entry.shape) {
    if (__builtin_mul_overflow(total, static_cast<std::uint64_t>(size), &total)) {
      refuse(path, "tensor '" + entry.name + "': its shape has more elements than any file can hold");
    }
  }
  return total;
}

TensorEntry parseEntry(const std::string& name, const nlohmann::json& value, const std::filesystem::path& path,
                       std::uint64_t dataStart) {
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets") ||
      !value["dtype"].is_string() || !value["shape"].is_array() || !value["data_offsets"].is_array() ||
      value["data_offsets"].size() != 2) {
    refuse(path, "tensor '" + name + "': its entry needs dtype, shape and two data_offsets");
  }
  TensorEntry entry{.name = name, .dtype = value["dtype"].get<std::string>(), .shape = {}};
  for (const auto& size : value["shape"]) {
    const auto number = wholeNumber(size, path, name);
    if (number > static_cast<std::uint64_t>(INT64_MAX)) refuse(path, "tensor '" + name + "': a size is too large");
    entry.shape.push_back(static_cast<std::int64_t>(number));
  }
  const auto begin = wholeNumber(value["data_offsets"][0], path, name);
  const auto end = wholeNumber(value["data_offsets"][1], path, name);
  if (end < begin) refuse(path, "tensor '" + name + "': its data ends before it begins");
  entry.bytes = end - begin;
  if (checkedBytes(entry, path) != entry.bytes) {
    refuse(path, "tensor '" + name + "': shape and number type need another count of bytes than the file gives it");
  }
  if (__builtin_add_overflow(dataStart, begin, &entry.offset)) refuse(path, "tensor '" + name + "': offset too large");
  return entry;
}

}  // namespace

std::int64_t TensorEntry::elements() const {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return count;
}

bool beginsLikeSafetensors(std::span<const std::byte> head) {
  return head.size() >= 9 && head[5] == std::byte{} && head[6] == std::byte{} && head[7] == std::byte{} &&
         head[8] == std::byte{'{'};
}

std::uint64_t safetensorsElementSize(std::string_view dtype) {
  const auto* found =
      std::find_if(kElementSizes.begin(), kElementSizes.end(), [&](const auto& e) { return e.first == dtype; });
  return found == kElementSizes.end() ? 0 : found->second;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  if (file_.size() < kLengthBytes)
    refuse(path, "the file has fewer than the 8 bytes every safetensors file begins with", 0);
  std::uint64_t length = 0;
  file_.read(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > kLargestHeader || length > file_.size() - kLengthBytes) {
    refuse(path, "the header claims " + countText(length, "byte") + ", more than the file has", 0);
  }
  std::string header(length, '\0');
  file_.read(kLengthBytes, std::as_writable_bytes(std::span(header.data(), header.size())));
  parseHeader(header, kLengthBytes + length);
  checkLayout(kLengthBytes + length);
}

void SafetensorsFile::parseHeader(std::string_view header, std::uint64_t dataStart) {
  const auto json = parseWatchingKeys(header, path());
  if (!json.is_object()) refuse(path(), "the header is not a JSON object", kLengthBytes);
  for (const auto& [name, value] : json.items()) {
    if (name != "__metadata__") {
      tensors_.push_back(parseEntry(name, value, path(), dataStart));
      continue;
    }
    if (!value.is_object()) refuse(path(), "__metadata__ is not an object of texts");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) refuse(path(), "__metadata__ entry '" + key + "' is not a text");
      metadata_[key] = text.get<std::string>();
    }
  }
  std::stable_sort(tensors_.begin(), tensors_.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
  });
}

void SafetensorsFile::checkLayout(std::uint64_t dataStart) const {
  std::uint64_t next = dataStart;
  for (const auto& entry : tensors_) {
    if (entry.offset < next) refuse(path(), "tensor '" + entry.name + "' overlaps the one before it", entry.offset);
    if (entry.offset > next) refuse(path(), "there is a hole before tensor '" + entry.name + "'", next);
    if (__builtin_add_overflow(entry.offset, entry.bytes, &next) || next > file_.size()) {
      refuse(path(), "tensor '" + entry.name + "' ends after the file does", entry.offset);
    }
  }
  if (next != file_.size()) refuse(path(), "there are bytes after the last tensor", next);
}

const TensorEntry* SafetensorsFile::find(std::string_view name) const {
  const auto found =
      std::find_if(tensors_.begin(), tensors_.end(), [&](const TensorEntry& e) { return e.name == name; });
  return found == tensors_.end() ? nullptr : &*found;
}

void SafetensorsFile::read(const TensorEntry& entry, std::span<std::byte> out) const {
  if (out.size() != entry.bytes)
    throw Error(ErrorKind::Internal, path(), "buffer of another size than tensor " + entry.name);
  file_.read(entry.offset, out);
}

ArrayLayout layoutOf(const TensorEntry& entry, const std::filesystem::path& path) {
  static const std::map<std::string, NumberType> kTypes{
      {"F16", NumberType::Float16}, {"BF16", NumberType::BFloat16}, {"F32", NumberType::Float32},
      {"F64", NumberType::Float64}, {"U8", NumberType::UInt8},      {"I8", NumberType::Int8},
      {"I16", NumberType::Int16},   {"U16", NumberType::UInt16},    {"I32", NumberType::Int32},
      {"U32", NumberType::UInt32},  {"I64", NumberType::Int64},     {"U64", NumberType::UInt64},
      {"BOOL", NumberType::Bool}};
  const auto type = kTypes.find(entry.dtype);
  if (type == kTypes.end()) {
    throw Error(ErrorKind::BadData, path,
                "'" + entry.name + "' holds numbers of the type " + entry.dtype + ", which is not read",
                "store it as F16, BF16, F32 or F64");
  }
  ArrayLayout layout{type->second, false, entry.offset, entry.shape, rowMajorStrides(entry.shape)};
  checkInside(layout, entry.offset, entry.bytes, path, "'" + entry.name + "'");
  return layout;
}

void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    header[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');  // data stay 8-byte aligned

  AppendFile file(path, 0);
  const std::uint64_t length = text.size();
  file.append(std::as_bytes(std::span(&length, 1)));
  file.append(text);
  for (const auto& tensor : tensors) file.append(tensor.bytes);
  file.sync();
}

}  // namespace dw::formats
