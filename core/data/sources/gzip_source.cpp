// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sources/gzip_source.h"

#include <algorithm>

#include "base/error.h"
#include "data/sources/format_table.h"
#include "data/sources/open_source.h"
#include "data/unpack_cache.h"
#include "formats/inflate_stream.h"

namespace dw::data::sources {

extern const Format kIdxFormat;  // idx_source.cpp

namespace {

struct Enough {};

std::shared_ptr<const ReadFile> cached(const ReadFile& file, const OpenOptions& options) {
  return unpackedFile({.original = file, .what = {}}, options, [&](const Put& put) {
    formats::inflateFile(file, 0, file.size(), true, [&](std::span<const std::byte> bytes, std::uint64_t done) {
      put(bytes, static_cast<double>(done) / static_cast<double>(file.size()));
    });
  });
}

/// The unpacked file's source under the name of the packed one.
class GzipSource : public LatentSource {
 public:
  GzipSource(std::shared_ptr<const LatentSource> inner, const ReadFile& file)
      : inner_(std::move(inner)), info_(inner_->info()) {
    info_.path = file.path();
    info_.bytes = file.size();
  }
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    inner_->read(samples, crops, out);
  }
  std::span<const std::int64_t> labels() const override { return inner_->labels(); }
  std::span<const std::int64_t> keys() const override { return inner_->keys(); }
  const LatentSource* context() const override { return inner_->context(); }

 private:
  std::shared_ptr<const LatentSource> inner_;
  SourceInfo info_;
};

}  // namespace

bool isGzip(const ReadFile& file) {
  const auto head = headOf(file, 3);
  return head.size() == 3 && head[0] == std::byte{0x1F} && head[1] == std::byte{0x8B} && head[2] == std::byte{8};
}

std::vector<std::byte> packedHead(const ReadFile& file, std::size_t count) {
  std::vector<std::byte> head;
  try {
    formats::inflateFile(file, 0, file.size(), true, [&](std::span<const std::byte> bytes, std::uint64_t) {
      const auto some = bytes.first(std::min(bytes.size(), count - head.size()));
      head.insert(head.end(), some.begin(), some.end());
      if (head.size() == count) throw Enough{};
    });
  } catch (const Enough&) {  // a file of any size has a head
  }
  return head;
}

std::shared_ptr<const ByteStore> gunzipped(const std::shared_ptr<const ReadFile>& file, const OpenOptions& options) {
  if (const auto before = unpackedBefore({.original = *file, .what = {}})) return fileBytes(before);
  std::vector<std::byte> all;
  try {
    formats::inflateFile(*file, 0, file->size(), true, [&](std::span<const std::byte> bytes, std::uint64_t) {
      if (all.size() + bytes.size() > kUnpackedInMemory) throw Enough{};
      all.insert(all.end(), bytes.begin(), bytes.end());
    });
    return memoryBytes(std::move(all));
  } catch (const Enough&) {
    all = {};
  }
  return fileBytes(cached(*file, options));
}

std::shared_ptr<const LatentSource> openGzip(const std::filesystem::path& path, const OpenOptions& options) {
  const ReadFile file(path);
  const auto head = packedHead(file, 4);
  if (head.size() == 4 && head[0] == std::byte{0} && head[1] == std::byte{0} && head[2] >= std::byte{8} &&
      head[2] <= std::byte{14})
    return kIdxFormat.open(path, options);  // it also finds the labels beside it
  const auto unpacked = cached(file, options);
  if (isGzip(*unpacked))
    throw Error(ErrorKind::BadData, path, "this file is packed by gzip twice", "unpack it once with gunzip");
  try {
    return std::make_shared<const GzipSource>(openSource(unpacked->path(), options), file);
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::Cancelled) throw;
    throw Error(e.kind(), path, std::string("unpacked, it is not fit: ") + e.what(), e.remedy());
  }
}

}  // namespace dw::data::sources
