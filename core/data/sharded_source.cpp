// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sharded_source.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "data/array_source.h"

namespace dw::data {
namespace {

namespace fs = std::filesystem;

// A chunked HDF5 file costs three descriptors and a helper process; a process may usually have 1024 descriptors.
constexpr std::size_t kMostOpen = 64;
constexpr std::array kEndings{".h5", ".hdf5", ".pt", ".pth", ".npy", ".npz", ".safetensors"};

/// Backtracks to the last star only, so that no pattern takes long.
bool matchesPattern(const std::string& name, const std::string& pattern) {
  std::size_t n = 0, p = 0, star = std::string::npos, tried = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string::npos;
}

template <typename Wanted>
std::vector<fs::path> filesOf(const fs::path& folder, const Wanted& wanted) {
  std::error_code failed;
  fs::directory_iterator entries(folder.empty() ? fs::path(".") : folder, failed);
  if (failed) throw Error(ErrorKind::BadData, folder, "could not list the folder: " + failed.message());
  std::vector<fs::path> files;
  for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
    std::error_code ignored;
    if (wanted(entries->path().filename()) && entries->is_regular_file(ignored)) files.push_back(entries->path());
  }
  if (failed) throw Error(ErrorKind::Io, folder, "could not list the folder: " + failed.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::string shapeInWords(const SourceInfo& info) {
  return shapeText({info.crops, info.channels, info.height, info.width}) + " (crops, channels, height, width)";
}

bool sameShape(const SourceInfo& a, const SourceInfo& b) {
  return a.crops == b.crops && a.channels == b.channels && a.height == b.height && a.width == b.width;
}

class ShardedSource : public LatentSource {
 public:
  ShardedSource(const fs::path& shown, const std::vector<fs::path>& files, OpenOptions options)
      : options_(std::move(options)) {
    for (const auto& file : files) add(file);
    info_.path = shown;
    checkSideData(info_, side_);
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return side_.labels; }
  std::span<const std::int64_t> keys() const override { return side_.keys; }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    std::vector<std::size_t> order(samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // By shard, so that each is opened at most once a batch; by sample inside it, as the disk likes it.
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return samples[a] < samples[b]; });
    for (std::size_t begin = 0; begin < order.size();) {
      const auto shard = shardOf(samples[order[begin]]);
      auto end = begin + 1;
      while (end < order.size() && shardOf(samples[order[end]]) == shard) ++end;
      readFrom(shard, std::span(order).subspan(begin, end - begin), samples, crops, out);
      begin = end;
    }
  }

 private:
  struct Shard {
    fs::path path;
    std::int64_t first = 0;  ///< its first sample in the whole dataset
    std::int64_t samples = 0;
  };
  struct Opened {
    std::size_t shard = 0;
    std::uint64_t used = 0;
    std::shared_ptr<const LatentSource> source;
  };

  void add(const fs::path& file) {
    auto source = openSource(file, options_);
    const auto& own = source->info();
    if (shards_.empty()) info_ = own;
    const auto before = shards_.empty() ? std::string() : shards_.front().path.filename().string();
    const auto refuse = [&](const std::string& sentence) {
      throw Error(ErrorKind::BadData, file, sentence,
                  "open files that belong together; a pattern such as 'part-*.pt' chooses some of a folder");
    };
    if (!sameShape(own, info_))
      refuse("its samples are " + shapeInWords(own) + ", but those of " + before + " are " + shapeInWords(info_));
    const auto join = [&](const char* what, auto& all, std::span<const std::int64_t> more) {
      if (!shards_.empty() && all.empty() != more.empty())
        refuse((more.empty() ? "it has no " : "it has ") + std::string(what) + ", but " + before +
               (more.empty() ? " has" : " has none"));
      all.insert(all.end(), more.begin(), more.end());
    };
    join("labels", side_.labels, source->labels());
    join("keys", side_.keys, source->keys());
    if (!shards_.empty()) {
      if (info_.dtype.find(own.dtype) == std::string::npos) info_.dtype += ", " + own.dtype;
      if (own.classNames != info_.classNames) info_.classNames.clear();
      info_.samples += own.samples;
      info_.bytes += own.bytes;
      ++info_.files;
    }
    shards_.push_back({file, info_.samples - own.samples, own.samples});
    if (opened_.size() < kMostOpen) opened_.push_back({shards_.size() - 1, 0, std::move(source)});
  }

  std::size_t shardOf(std::int64_t sample) const {
    const auto after = std::upper_bound(shards_.begin(), shards_.end(), sample,
                                        [](std::int64_t s, const Shard& shard) { return s < shard.first; });
    return static_cast<std::size_t>(after - shards_.begin()) - 1;
  }

  /// The shard's source, opened again if it is not among the 64 used last.
  std::shared_ptr<const LatentSource> source(std::size_t shard) const {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(opened_.begin(), opened_.end(), [=](const Opened& o) { return o.shard == shard; });
    if (found == opened_.end()) {
      auto fresh = openSource(shards_[shard].path, options_);
      if (!sameShape(fresh->info(), info_) || fresh->info().samples != shards_[shard].samples)
        throw Error(ErrorKind::BadData, shards_[shard].path, "the file has changed since it was opened",
                    "open the dataset again");
      found = opened_.size() < kMostOpen
                  ? opened_.insert(opened_.end(), Opened{})
                  : std::min_element(opened_.begin(), opened_.end(),
                                     [](const auto& a, const auto& b) { return a.used < b.used; });
      *found = {shard, 0, std::move(fresh)};
    }
    found->used = ++clock_;
    return found->source;
  }

  /// places: positions in samples, crops and out that lie in this shard.
  void readFrom(std::size_t shard, std::span<const std::size_t> places, std::span<const std::int64_t> samples,
                std::span<const std::int64_t> crops, std::span<float> out) const {
    std::vector<std::int64_t> rows, ownCrops;
    for (const auto place : places) {
      rows.push_back(samples[place] - shards_[shard].first);
      ownCrops.push_back(crops[place]);
    }
    const auto size = static_cast<std::size_t>(info_.sampleSize());
    const bool together =
        places.back() - places.front() + 1 == places.size() && std::is_sorted(places.begin(), places.end());
    if (together) return source(shard)->read(rows, ownCrops, out.subspan(places.front() * size, places.size() * size));
    std::vector<float> values(places.size() * size);
    source(shard)->read(rows, ownCrops, values);
    for (std::size_t i = 0; i < places.size(); ++i) {
      std::copy_n(values.data() + i * size, size, out.data() + places[i] * size);
    }
  }

  OpenOptions options_;
  SourceInfo info_;
  SideData side_;
  std::vector<Shard> shards_;
  mutable std::mutex mutex_;
  mutable std::vector<Opened> opened_;
  mutable std::uint64_t clock_ = 0;
};

}  // namespace

bool isPattern(const fs::path& path) { return path.filename().string().find_first_of("*?") != std::string::npos; }

std::vector<fs::path> filesMatching(const fs::path& pattern) {
  const auto name = pattern.filename().string();
  auto files =
      filesOf(pattern.parent_path(), [&](const fs::path& file) { return matchesPattern(file.string(), name); });
  if (files.empty())
    throw Error(ErrorKind::BadData, pattern, "no file's name fits this pattern",
                "* stands for any text, ? for one character");
  return files;
}

std::vector<fs::path> latentFilesIn(const fs::path& folder) {
  return filesOf(folder, [](const fs::path& file) {
    return !file.string().starts_with('.') &&
           std::find(kEndings.begin(), kEndings.end(), file.extension()) != kEndings.end();
  });
}

std::shared_ptr<const LatentSource> openShards(const fs::path& shown, const std::vector<fs::path>& files,
                                               const OpenOptions& options) {
  if (files.size() == 1) return openSource(files.front(), options);
  return std::make_shared<const ShardedSource>(shown, files, options);
}

}  // namespace dw::data
