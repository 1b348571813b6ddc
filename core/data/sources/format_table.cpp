// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sources/format_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "data/sources/gzip_source.h"
#include "data/sources/open_source.h"
#include "data/sources/picture_source.h"
#include "data/sources/sharded_source.h"

namespace dw::data::sources {

// Each is defined in the file of its format.
extern const Format kHdf5Format;
extern const Format kIdxFormat;
extern const Format kNpyFormat;
extern const Format kNpzFormat;
extern const Format kPtFormat;
extern const Format kSafetensorsFormat;

namespace {

constexpr std::array kFormats{
    &kHdf5Format,  //
    &kNpzFormat,   // before .pt: both are zip files, told apart by their first record
    &kPtFormat,    //
    &kNpyFormat,   //
    &kIdxFormat,   //
    &kSafetensorsFormat,
};

/// What an unknown file looks like, so that a mistaken download (an error page, a pointer file) is recognised.
std::string describe(const std::vector<std::byte>& head) {
  std::string text;
  for (const auto byte : head) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (c == '\n' || c == '\r') break;
    if (std::isprint(c) == 0) return "its bytes are none of these";
    text += static_cast<char>(c);
  }
  return "it is text and begins with \"" + text + "\"";
}

/// A folder is several latent files, or pictures.
std::shared_ptr<const LatentSource> openFolder(const std::filesystem::path& folder, const OpenOptions& options) {
  const auto files = latentFilesIn(folder);
  return files.empty() ? openPictures(folder, options.dataset) : openShards(folder, files, options);
}

/// The format of a file, null if none knows it.
const Format* formatOf(const ReadFile& file) {
  const auto found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const Format* format) { return format->matches(file); });
  return found == kFormats.end() ? nullptr : *found;
}

}  // namespace

std::span<const Format* const> formatTable() { return kFormats; }

Candidate candidateOf(std::string name, formats::NumberType type, std::vector<std::int64_t> shape) {
  const bool fits = name != "context" && formats::isFloating(type) && shape.size() >= 3 && shape.size() <= 5 &&
                    std::all_of(shape.begin(), shape.end(), [](std::int64_t n) { return n > 0; });
  return {std::move(name), formats::nameOf(type), std::move(shape), fits};
}

std::vector<Candidate> candidatesIn(const std::filesystem::path& path) {
  if (path == "demo") return {};
  std::error_code ignored;
  std::vector<std::filesystem::path> files{path};
  if (std::filesystem::is_directory(path, ignored)) {
    files = latentFilesIn(path);
  } else if (isPattern(path) && !std::filesystem::exists(path, ignored)) {
    files = filesMatching(path);
  }
  if (files.empty()) return {};
  const ReadFile file(files.front());
  const auto* format = formatOf(file);
  return format != nullptr && format->candidates != nullptr ? format->candidates(files.front())
                                                            : std::vector<Candidate>{};
}

std::shared_ptr<const LatentSource> openSource(const std::filesystem::path& path, const OpenOptions& options) {
  if (path == "demo") return openDemo();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return openFolder(path, options);
  if (isPattern(path) && !std::filesystem::exists(path, ignored)) return openShards(path, filesMatching(path), options);
  const ReadFile file(path);
  if (file.size() == 0) {
    throw Error(ErrorKind::BadData, path, "the file is empty (0 bytes)",
                "it may still be being copied: fetch it again");
  }
  if (isGzip(file)) return openGzip(path, options);
  if (const auto* format = formatOf(file)) return format->open(path, options);
  std::string known;
  for (const auto* format : kFormats) known += std::string(known.empty() ? "" : "; ") + format->accepts;
  throw Error(ErrorKind::BadData, path, "this is no dataset of a known format: " + describe(headOf(file, 40)),
              "accepted are, also packed by gzip: " + known);
}

}  // namespace dw::data::sources
