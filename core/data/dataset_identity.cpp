// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/dataset_identity.h"

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"

namespace dw::data {
namespace {

constexpr std::size_t kHeaderBytes = 64U << 10;
constexpr std::int64_t kSamples = 8;

}  // namespace

DatasetIdentity datasetIdentity(const LatentSource& source) {
  const auto& info = source.info();
  Sha256 hash;
  std::error_code ignored;
  const bool hasFiles = info.format != "demo";
  if (std::filesystem::is_regular_file(info.path, ignored)) hash.update(headOf(ReadFile(info.path), kHeaderBytes));
  std::vector<float> values(static_cast<std::size_t>(info.sampleSize()));
  const auto count = std::min(kSamples, info.samples);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t sample = count == 1 ? 0 : (info.samples - 1) / (count - 1) * i, crop = info.crops - 1;
    source.read({&sample, 1}, {&crop, 1}, values);
    hash.update(std::as_bytes(std::span(values)));
  }
  return {hasFiles ? std::filesystem::absolute(info.path).lexically_normal().string() : info.path.string(), info.bytes,
          hash.hex()};
}

nlohmann::json toJson(const DatasetIdentity& identity) {
  return {{"path", identity.path}, {"bytes", identity.bytes}, {"sha256", identity.sha256}};
}

bool sameDataset(const nlohmann::json& a, const nlohmann::json& b) {
  const auto same = [&](const char* key) { return a.contains(key) && b.contains(key) && a.at(key) == b.at(key); };
  return a.is_object() && b.is_object() && same("bytes") && same("sha256");
}

}  // namespace dw::data
