// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/half.h"
#include "base/sha256.h"
#include "data/array_source.h"
#include "data/pictures/latent_preview.h"
#include "data/sources/demo_drawing.h"
#include "data/sources/format_table.h"

namespace dw::data::sources {
namespace {

constexpr std::int64_t kChannels = 4;
constexpr std::size_t kPixels = kDemoSide * kDemoSide;
constexpr std::size_t kPayload = static_cast<std::size_t>(kDemoSamples * kDemoCrops * kChannels) * kPixels * 2;
constexpr std::string_view kMagic = "DWBDEMO1";  // raise the number when the drawings change
constexpr std::size_t kHeader = 8 + 64;          // magic, SHA-256 of the payload
// Chosen so that every channel has a mean near 0 and a deviation near 1, as denoisers expect, with vivid previews.
constexpr double kContrast = 0.85, kDepthScale = 4.5, kDepthMean = 0.11;

using Rows = std::array<std::array<double, 3>, 4>;

double determinant(const std::array<double, 3>& a, const std::array<double, 3>& b, const std::array<double, 3>& c) {
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}

/// What turns a picture into latents whose linear preview is that picture: latent = p * inverse + depth * null, where
/// p = 2 rgb - 1 and inverse = (M^T M)^-1 M^T is the least-norm right inverse of the 4 x 3 rows M of latentRgbRows().
struct RightInverse {
  std::array<std::array<double, 4>, 3> inverse{};
  std::array<double, 4> null{};  ///< unit vector that no preview shows: null * M = 0
};

RightInverse rightInverse(const Rows& rows) {
  std::array<std::array<double, 3>, 3> gram{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (const auto& row : rows) gram[i][j] += row[i] * row[j];
    }
  }
  RightInverse result;
  const double det = determinant(gram[0], gram[1], gram[2]);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const auto a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
      const double entry = (gram[a][c] * gram[b][d] - gram[a][d] * gram[b][c]) / det;
      for (std::size_t channel = 0; channel < 4; ++channel) result.inverse[i][channel] += entry * rows[channel][j];
    }
  }
  double length = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {  // cofactors along a fifth column: the cross product in four dimensions
    std::array<std::size_t, 3> others{};
    for (std::size_t j = 0, k = 0; j < 4; ++j) {
      if (j != i) others[k++] = j;
    }
    result.null[i] = (i % 2 == 0 ? 1.0 : -1.0) * determinant(rows[others[0]], rows[others[1]], rows[others[2]]);
    length += result.null[i] * result.null[i];
  }
  for (auto& value : result.null) value /= std::sqrt(length);
  return result;
}

/// All crops of one sample, [T, C, H, W] float16.
void makeSample(const RightInverse& way, std::int64_t sample, std::byte* out) {
  std::array<float, 3 * kPixels> rgb{};
  std::array<float, kPixels> depth{};
  const auto drawing = demoDrawing(sample);
  const auto latent = [&](std::size_t channel, std::size_t pixel) {
    double value = way.null[channel] * kDepthScale * (static_cast<double>(depth[pixel]) - kDepthMean);
    for (std::size_t k = 0; k < 3; ++k) {
      value += kContrast * (2.0 * static_cast<double>(rgb[k * kPixels + pixel]) - 1.0) * way.inverse[k][channel];
    }
    return value;
  };
  for (const auto& window : demoWindows(sample, drawing)) {
    paint(drawing, window, rgb, depth);
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      for (std::size_t i = 0; i < kPixels; ++i, out += 2) {
        const auto half = floatToHalf(static_cast<float>(latent(channel, i)));
        std::memcpy(out, &half, 2);
      }
    }
  }
}

/// Samples do not depend on each other, so the bytes are the same for any number of threads.
std::vector<std::byte> makeLatents() {
  const auto way = rightInverse(pictures::latentRgbRows());
  std::vector<std::byte> bytes(kPayload);
  constexpr std::size_t kEach = kPayload / static_cast<std::size_t>(kDemoSamples);
  const auto threads = std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, 8);
  std::vector<std::jthread> workers;
  for (std::int64_t first = 0; first < threads; ++first) {
    workers.emplace_back([&, first] {
      for (auto sample = first; sample < kDemoSamples; sample += threads)
        makeSample(way, sample, bytes.data() + static_cast<std::size_t>(sample) * kEach);
    });
  }
  workers.clear();
  return bytes;
}

/// $XDG_CACHE_HOME, else ~/.cache; empty where there is neither.
std::filesystem::path cacheFile() {
  const auto from = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  auto folder = from("XDG_CACHE_HOME");
  if (folder.empty() && !from("HOME").empty()) folder = from("HOME") / ".cache";
  return folder.empty() ? folder : folder / "diffusion-workbench" / "demo-1.latents";
}

/// The cached payload if it is whole and unchanged.
std::optional<std::vector<std::byte>> readCache(const std::filesystem::path& path) {
  std::error_code missing;
  if (path.empty() || std::filesystem::file_size(path, missing) != kHeader + kPayload || missing) return std::nullopt;
  try {
    const ReadFile file(path);
    std::string head(kHeader, '\0');
    file.read(0, std::as_writable_bytes(std::span(head.data(), head.size())));
    std::vector<std::byte> payload(kPayload);
    file.read(kHeader, payload);
    Sha256 hash;
    hash.update(payload);
    if (head.starts_with(kMagic) && head.substr(8) == hash.hex()) return payload;
  } catch (const Error&) {
    // an unreadable cache is a missing one
  }
  return std::nullopt;
}

/// A cache that cannot be written (read-only home, full disk) costs half a second at the next start, nothing more.
void writeCache(const std::filesystem::path& path, std::span<const std::byte> payload) {
  if (path.empty()) return;
  try {
    std::filesystem::create_directories(path.parent_path());
    Sha256 hash;
    hash.update(payload);
    const auto head = std::string(kMagic) + hash.hex();
    std::vector<std::byte> bytes(kHeader + payload.size());
    std::memcpy(bytes.data(), head.data(), kHeader);
    std::memcpy(bytes.data() + kHeader, payload.data(), payload.size());
    writeFileAtomically(path, bytes);
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

std::shared_ptr<const LatentSource> openDemo() {
  const auto path = cacheFile();
  auto payload = readCache(path);
  if (!payload) {
    payload = makeLatents();
    writeCache(path, *payload);
  }
  SourceInfo info;
  info.path = "demo";
  info.format = "demo";
  info.bytes = kPayload;
  info.classNames.assign(kDemoKinds.begin(), kDemoKinds.end());
  SideData side;
  for (std::int64_t i = 0; i < kDemoSamples; ++i) side.labels.push_back(demoDrawing(i).kind);
  const std::vector<std::int64_t> shape{kDemoSamples, kDemoCrops, kChannels, kDemoSide, kDemoSide};
  formats::ArrayLayout layout{formats::NumberType::Float16, false, 0, shape, formats::rowMajorStrides(shape)};
  return std::make_shared<const ArraySource>(std::move(info), memoryBytes(std::move(*payload)), std::move(layout),
                                             std::move(side));
}

}  // namespace dw::data::sources
