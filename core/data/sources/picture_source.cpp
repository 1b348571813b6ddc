// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sources/picture_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <mutex>

#include "base/error.h"
#include "base/file.h"
#include "data/array_source.h"
#include "data/pictures/picture_decoder.h"

namespace dw::data::sources {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUsualSide = 32, kLargestSide = 1024;
constexpr std::uint64_t kLargestFile = 256ULL << 20, kMostKept = 256ULL << 20;

std::int64_t sideFrom(const std::string& text) {
  if (text.empty()) return kUsualSide;
  std::int64_t side = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), side);
  if (failed == std::errc() && end == text.data() + text.size() && side >= 1 && side <= kLargestSide) return side;
  throw Error(ErrorKind::Usage, "'" + text + "' is no size for pictures",
              "give their side in pixels, 1 to 1024, or nothing for 32");
}

bool isPictureName(const fs::path& path) {
  auto ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return (ending == ".png" || ending == ".jpg" || ending == ".jpeg") && !path.filename().string().starts_with('.');
}

/// Pictures in a folder and, if asked, below it; in the order of their names. Links to folders are not followed.
std::vector<fs::path> picturesIn(const fs::path& folder, bool below) {
  std::vector<fs::path> found;
  std::error_code failed;
  fs::recursive_directory_iterator entries(folder, failed);
  for (; !failed && entries != fs::recursive_directory_iterator(); entries.increment(failed)) {
    if (!below) entries.disable_recursion_pending();
    std::error_code ignored;
    if (isPictureName(entries->path()) && entries->is_regular_file(ignored)) found.push_back(entries->path());
  }
  if (failed) throw Error(ErrorKind::BadData, folder, "could not list the folder: " + failed.message());
  std::sort(found.begin(), found.end());
  return found;
}

struct Listing {
  std::vector<fs::path> files;
  std::vector<std::int64_t> labels;
  std::vector<std::string> classes;
};

Listing listPictures(const fs::path& folder) {
  Listing all{picturesIn(folder, false), {}, {}};
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::error_code ignored;
    if (entry.is_directory(ignored) && !entry.path().filename().string().starts_with('.'))
      folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  const auto loose = all.files.size();
  for (const auto& sub : folders) {
    const auto files = picturesIn(sub, true);
    if (files.empty()) continue;
    if (loose > 0) {
      throw Error(ErrorKind::BadData, folder,
                  "some pictures lie in sub-folders, " + std::to_string(loose) + " beside them",
                  "put all into sub-folders, one for each class, or all into one folder");
    }
    all.labels.insert(all.labels.end(), files.size(), static_cast<std::int64_t>(all.classes.size()));
    all.classes.push_back(sub.filename().string());
    all.files.insert(all.files.end(), files.begin(), files.end());
  }
  if (all.files.empty()) {
    throw Error(ErrorKind::BadData, folder,
                "this folder holds neither latent files (.pt, .h5, .npy, .npz, .safetensors) nor pictures (.png, .jpg)",
                "choose a dataset file, or a folder with some in it");
  }
  return all;
}

std::vector<std::byte> load(const fs::path& path) {
  const ReadFile file(path);
  if (file.size() > kLargestFile)
    throw Error(ErrorKind::BadData, path, "the picture has more than 256 MiB", "save it smaller");
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  return bytes;
}

class PictureSource : public LatentSource {
 public:
  PictureSource(SourceInfo info, Listing listing)
      : info_(std::move(info)),
        files_(std::move(listing.files)),
        labels_(std::move(listing.labels)),
        kept_(files_.size()) {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = static_cast<float>(i) / 127.5F - 1.0F;
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return labels_; }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    const auto plane = static_cast<std::size_t>(info_.height * info_.width),
               channels = static_cast<std::size_t>(info_.channels);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto pixels = square(static_cast<std::size_t>(samples[i]));
      auto* picture = out.data() + i * plane * channels;
      for (std::size_t k = 0; k < pixels->size(); ++k)
        picture[k % channels * plane + k / channels] = table_[(*pixels)[k]];
    }
  }

 private:
  using Pixels = std::shared_ptr<const std::vector<std::uint8_t>>;

  /// [side, side, C]; decoded outside the lock, so that threads do not wait for each other's pictures.
  Pixels square(std::size_t sample) const {
    {
      const std::lock_guard lock(mutex_);
      if (kept_[sample]) return kept_[sample];
    }
    const auto bytes = load(files_[sample]);
    const auto picture = pictures::decodePicture(files_[sample], bytes, info_.channels, 2 * info_.width);
    auto pixels = std::make_shared<const std::vector<std::uint8_t>>(pictures::centreSquare(picture, info_.width));
    const std::lock_guard lock(mutex_);
    if (!kept_[sample] && keptBytes_ + pixels->size() <= kMostKept) {
      kept_[sample] = pixels;
      keptBytes_ += pixels->size();
    }
    return pixels;
  }

  SourceInfo info_;
  std::vector<fs::path> files_;
  std::vector<std::int64_t> labels_;
  std::array<float, 256> table_{};
  mutable std::mutex mutex_;
  mutable std::vector<Pixels> kept_;
  mutable std::uint64_t keptBytes_ = 0;
};

}  // namespace

std::shared_ptr<const LatentSource> openPictures(const fs::path& folder, const std::string& sideText) {
  const auto side = sideFrom(sideText);
  auto listing = listPictures(folder);
  SourceInfo info;
  info.path = folder;
  info.format = "pictures";
  info.axes = "BCHW";
  info.dataset = std::to_string(side);
  info.dtype = "uint8";
  info.classNames = listing.classes;
  info.files = static_cast<std::int64_t>(listing.files.size());
  // The first colour decides, so only a folder of grey pictures has all its headers read here.
  const bool colour = std::any_of(listing.files.begin(), listing.files.end(),
                                  [](const fs::path& file) { return pictures::pictureFacts(file, load(file)).colour; });
  applyShape(info, {info.files, colour ? 3 : 1, side, side}, "this folder");
  for (const auto& file : listing.files) {
    std::error_code ignored;
    const auto bytes = fs::file_size(file, ignored);
    if (!ignored) info.bytes += bytes;
  }
  checkSideData(info, {.labels = listing.labels});
  return std::make_shared<const PictureSource>(std::move(info), std::move(listing));
}

}  // namespace dw::data::sources
