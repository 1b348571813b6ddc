// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sources/sharded_source.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "data/array_source.h"
#include "data/sources/format_table.h"
#include "data/sources/open_source.h"

namespace dw::data::sources {
namespace {

namespace fs = std::filesystem;

// A chunked HDF5 file costs three descriptors and a helper process; a process may usually have 1024 descriptors.
constexpr std::size_t kMostOpen = 64;

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

/// The context vectors of all shards as one: the sharded source cuts a request into the shards'.
class JoinedContext : public LatentSource {
 public:
  using Read = std::function<void(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
                                  std::span<float> out)>;
  JoinedContext(SourceInfo info, Read read) : info_(std::move(info)), read_(std::move(read)) {}
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    read_(samples, crops, out);
  }

 private:
  SourceInfo info_;
  Read read_;
};

fs::file_time_type modified(const fs::path& file) {
  std::error_code failed;
  return fs::last_write_time(file, failed);
}

class ShardedSource : public LatentSource {
 public:
  ShardedSource(const fs::path& shown, const std::vector<fs::path>& files, OpenOptions options)
      : options_(std::move(options)) {
    for (const auto& file : files) add(file);
    options_.progress = {};  // shards are opened again by whoever reads; what was to be unpacked is
    info_.path = shown;
    if (contextInfo_) {
      contextInfo_->path = shown;
      side_.context = std::make_shared<const JoinedContext>(*contextInfo_, [this](auto samples, auto crops, auto out) {
        readAll(samples, crops, out, *contextInfo_, [](const LatentSource& shard) { return shard.context(); });
      });
    }
    checkSideData(info_, side_);
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return side_.labels; }
  std::span<const std::int64_t> keys() const override { return side_.keys; }
  const LatentSource* context() const override { return side_.context.get(); }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    readAll(samples, crops, out, info_, [](const LatentSource& shard) { return &shard; });
  }

 private:
  /// What is read of a shard: the shard itself or its context.
  using Part = const LatentSource* (*)(const LatentSource& shard);

  void readAll(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops, std::span<float> out,
               const SourceInfo& info, Part part) const {
    std::vector<std::size_t> order(samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // By shard, so that each is opened at most once a batch; by sample inside it, as the disk likes it.
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return samples[a] < samples[b]; });
    for (std::size_t begin = 0; begin < order.size();) {
      const auto shard = shardOf(samples[order[begin]]);
      auto end = begin + 1;
      while (end < order.size() && shardOf(samples[order[end]]) == shard) ++end;
      const auto opened = source(shard);
      readFrom(*part(*opened), shards_[shard].first, std::span(order).subspan(begin, end - begin), samples, crops, out,
               static_cast<std::size_t>(info.sampleSize()));
      begin = end;
    }
  }

  struct Shard {
    fs::path path;
    std::int64_t first = 0;  ///< its first sample in the whole dataset
    std::int64_t samples = 0;
    fs::file_time_type modified{};
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
    joinContext(*source, refuse);
    join("labels", side_.labels, source->labels());
    join("keys", side_.keys, source->keys());
    if (!shards_.empty()) {
      if (info_.dtype.find(own.dtype) == std::string::npos) info_.dtype += ", " + own.dtype;
      if (own.classNames != info_.classNames) info_.classNames.clear();
      info_.samples += own.samples;
      info_.bytes += own.bytes;
      ++info_.files;
    }
    shards_.push_back({file, info_.samples - own.samples, own.samples, modified(file)});
    if (opened_.size() < kMostOpen) opened_.push_back({shards_.size() - 1, 0, std::move(source)});
  }

  template <typename Refuse>
  void joinContext(const LatentSource& source, const Refuse& refuse) {
    const auto* context = source.context();
    const bool same = context == nullptr ? !contextInfo_
                      : contextInfo_     ? sameShape(context->info(), *contextInfo_)
                                         : shards_.empty();
    if (!same) refuse("its context vectors are not like those of " + shards_.front().path.filename().string());
    if (context == nullptr) return;
    if (contextInfo_)
      contextInfo_->samples += context->info().samples;
    else
      contextInfo_ = context->info();
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
      const bool sameContext = contextInfo_
                                   ? fresh->context() != nullptr && sameShape(fresh->context()->info(), *contextInfo_)
                                   : fresh->context() == nullptr;
      if (modified(shards_[shard].path) != shards_[shard].modified || !sameShape(fresh->info(), info_) ||
          fresh->info().samples != shards_[shard].samples || !sameContext)
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
  static void readFrom(const LatentSource& from, std::int64_t first, std::span<const std::size_t> places,
                       std::span<const std::int64_t> samples, std::span<const std::int64_t> crops, std::span<float> out,
                       std::size_t size) {
    std::vector<std::int64_t> rows, ownCrops;
    for (const auto place : places) {
      rows.push_back(samples[place] - first);
      ownCrops.push_back(crops[place]);
    }
    const bool together =
        places.back() - places.front() + 1 == places.size() && std::is_sorted(places.begin(), places.end());
    if (together) return from.read(rows, ownCrops, out.subspan(places.front() * size, places.size() * size));
    std::vector<float> values(places.size() * size);
    from.read(rows, ownCrops, values);
    for (std::size_t i = 0; i < places.size(); ++i) {
      std::copy_n(values.data() + i * size, size, out.data() + places[i] * size);
    }
  }

  OpenOptions options_;
  SourceInfo info_;
  SideData side_;
  std::optional<SourceInfo> contextInfo_;  ///< of all shards together
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
    const auto ending = " " + file.extension().string() + " ";
    const auto isOf = [&](const Format* format) {
      return (" " + std::string(format->endings) + " ").find(ending) != std::string::npos;
    };
    return !file.string().starts_with('.') && file.has_extension() && std::ranges::any_of(formatTable(), isOf);
  });
}

std::shared_ptr<const LatentSource> openShards(const fs::path& shown, const std::vector<fs::path>& files,
                                               const OpenOptions& options) {
  if (files.size() == 1) return openSource(files.front(), options);
  return std::make_shared<const ShardedSource>(shown, files, options);
}

}  // namespace dw::data::sources
