// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/writers/dataset_writer.h"

namespace dw::data::writers {
namespace {

constexpr std::size_t kLengthBytes = 8;

/// https://huggingface.co/docs/safetensors: length of the header, JSON header, numbers. formats/safetensors.h writes
/// tensors that lie in memory; here they arrive piece by piece.
class SafetensorsWriter : public DatasetWriter {
 public:
  explicit SafetensorsWriter(const DatasetToWrite& dataset) : file_(dataset.path, 0) {
    static const std::map<formats::NumberType, const char*> kTypes{{formats::NumberType::Float16, "F16"},
                                                                   {formats::NumberType::Float32, "F32"},
                                                                   {formats::NumberType::Int64, "I64"},
                                                                   {formats::NumberType::UInt8, "U8"}};
    auto header = nlohmann::json::object();
    std::uint64_t offset = 0;
    for (const auto& array : dataset.arrays) {
      header[array.name] = {
          {"dtype", kTypes.at(array.type)}, {"shape", array.shape}, {"data_offsets", {offset, offset + array.bytes()}}};
      offset += array.bytes();
    }
    auto text = header.dump();
    text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
    const std::uint64_t length = text.size();
    file_.append(std::as_bytes(std::span(&length, 1)));
    file_.append(text);
  }

  void append(std::size_t, std::span<const std::byte> numbers) override { file_.append(numbers); }
  void finish() override { file_.sync(); }

 private:
  AppendFile file_;
};

}  // namespace

std::unique_ptr<DatasetWriter> makeSafetensorsWriter(const DatasetToWrite& dataset) {
  return std::make_unique<SafetensorsWriter>(dataset);
}

}  // namespace dw::data::writers
