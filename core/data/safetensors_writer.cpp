// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/dataset_writer.h"

namespace dw::data {
namespace {

constexpr std::size_t kLengthBytes = 8;

/// https://huggingface.co/docs/safetensors: length of the header, JSON header, numbers. formats/safetensors.h writes
/// tensors that lie in memory; here the latents arrive piece by piece.
class SafetensorsWriter : public DatasetWriter {
 public:
  explicit SafetensorsWriter(const DatasetToWrite& dataset) : file_(dataset.path, 0) {
    auto header = nlohmann::json::object();
    std::uint64_t offset = 0;
    const auto declare = [&](const char* name, const char* type, const std::vector<std::int64_t>& shape,
                             std::uint64_t bytes) {
      header[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {offset, offset + bytes}}};
      offset += bytes;
    };
    const std::vector<std::int64_t> row{dataset.shape.front()};
    // The int64 first: so they are aligned whatever the size of the latents is.
    if (!dataset.labels.empty()) declare("labels", "I64", row, dataset.labels.size_bytes());
    if (!dataset.keys.empty()) declare("keys", "I64", row, dataset.keys.size_bytes());
    declare("latents", dataset.half ? "F16" : "F32", dataset.shape, dataset.latentBytes());
    auto text = header.dump();
    text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
    const std::uint64_t length = text.size();
    file_.append(std::as_bytes(std::span(&length, 1)));
    file_.append(text);
    file_.append(std::as_bytes(dataset.labels));
    file_.append(std::as_bytes(dataset.keys));
  }

  void append(std::span<const std::byte> numbers) override { file_.append(numbers); }
  void finish() override { file_.sync(); }

 private:
  AppendFile file_;
};

}  // namespace

std::unique_ptr<DatasetWriter> makeSafetensorsWriter(const DatasetToWrite& dataset) {
  return std::make_unique<SafetensorsWriter>(dataset);
}

}  // namespace dw::data
