// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/writers/convert.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/half.h"
#include "base/text_format.h"
#include "data/class_names.h"
#include "data/data_report.h"
#include "data/sources/open_source.h"
#include "data/writers/dataset_writer.h"

namespace dw::data::writers {
namespace {

namespace fs = std::filesystem;

using formats::NumberType;
constexpr std::int64_t kNumbersAtOnce = 1 << 22;
constexpr std::uint64_t kLargestChunk = 1ULL << 30;
constexpr double kScanShare = 0.4;  // of the time; reading and checking is less work than reading and writing

struct Target {
  const char* ending;
  std::unique_ptr<DatasetWriter> (*make)(const DatasetToWrite& dataset);
};
constexpr std::array kTargets{Target{".h5", makeHdf5Writer}, Target{".hdf5", makeHdf5Writer},
                              Target{".npz", makeNpzWriter}, Target{".safetensors", makeSafetensorsWriter}};

const Target& targetOf(const fs::path& out) {
  const auto found =
      std::find_if(kTargets.begin(), kTargets.end(), [&](const Target& t) { return out.extension() == t.ending; });
  if (found != kTargets.end()) return *found;
  throw Error(ErrorKind::Usage, out, "'" + out.extension().string() + "' is no ending of a format that is written",
              "end the name in .h5, .npz or .safetensors");
}

bool wantsHalf(const ConvertSettings& settings, const SourceInfo& info) {
  if (settings.dtype == "f16" || settings.dtype == "f32") return settings.dtype == "f16";
  if (settings.dtype.empty()) return info.dtype == "float16";
  throw Error(ErrorKind::Usage, "'" + settings.dtype + "' is no number type that is written", "use f16 or f32");
}

ArrayToWrite numbersOf(const char* name, const LatentSource& source, const ConvertSettings& settings) {
  const auto& info = source.info();
  ArrayToWrite array{
      name, wantsHalf(settings, info) ? NumberType::Float16 : NumberType::Float32, {info.samples}, settings.chunk};
  if (info.hasCropAxis) array.shape.push_back(info.crops);
  array.shape.insert(array.shape.end(), {info.channels, info.height, info.width});
  const auto chunk = std::min(settings.chunk, info.samples);
  if (chunk < 0 || static_cast<std::uint64_t>(chunk) > kLargestChunk / array.rowBytes())
    throw Error(ErrorKind::Usage, "a chunk of " + countText(settings.chunk, "sample") + " is not possible",
                "chunks may have up to 1 GiB; 0 writes one block");
  return array;
}

/// One array of the new file and where its numbers come from.
struct Part {
  ArrayToWrite array;
  const LatentSource* numbers = nullptr;  ///< read and converted piece by piece
  std::span<const std::byte> whole{};     ///< or all at once
};

/// names: class names as bytes, which the parts refer to. The widest types first, so that all lie aligned in a safetensors
/// file.
std::vector<Part> partsOf(const LatentSource& source, const ConvertSettings& settings,
                          std::span<const std::byte> names) {
  std::vector<Part> parts;
  for (const auto& [name, values] : {std::pair{"labels", source.labels()}, std::pair{"keys", source.keys()}}) {
    if (!values.empty())
      parts.push_back({{name, NumberType::Int64, {source.info().samples}}, nullptr, std::as_bytes(values)});
  }
  parts.push_back({numbersOf("latents", source, settings), &source});
  if (const auto* context = source.context()) {
    parts.push_back({numbersOf("context", *context, settings), context});
    parts.back().array.shape = {context->info().samples, context->info().height, context->info().width};
    parts.back().array.chunk = 0;
  }
  if (!names.empty())
    parts.push_back({{kClassNamesArray, NumberType::UInt8, {static_cast<std::int64_t>(names.size())}}, nullptr, names});
  return parts;
}

void checkPlace(const LatentSource& source, const fs::path& out, const ConvertSettings& settings) {
  std::error_code ignored;
  if (fs::equivalent(out, source.info().path, ignored))
    throw Error(ErrorKind::Usage, out, "this is the dataset itself", "choose another name");
  if (fs::is_directory(out, ignored)) throw Error(ErrorKind::Usage, out, "this is a folder", "name a file in it");
  if (fs::exists(out, ignored) && !settings.overwrite)
    throw Error(ErrorKind::Usage, out, "there is a file of this name already",
                "choose another name, or --force to replace it");
}

void checkSpace(const DatasetToWrite& dataset) {
  std::uint64_t needed = 0;
  for (const auto& array : dataset.arrays) needed += array.bytes();
  const auto free = freeDiskSpace(dataset.path);
  if (needed > free)
    throw Error(ErrorKind::DiskFull, dataset.path,
                mebibytesText(needed) + " are needed, but the disk has " + mebibytesText(free) + " left",
                "free some space, or write to another disk");
}

/// Removes the unfinished file unless it was renamed.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {}
  ~PartFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Samples first .. first + count - 1 with all their crops, in the order in which they are written.
void readBlock(const LatentSource& source, std::int64_t first, std::int64_t count, std::vector<float>& values) {
  const auto& info = source.info();
  std::vector<std::int64_t> samples, crops;
  for (std::int64_t i = 0; i < count * info.crops; ++i) {
    samples.push_back(first + i / info.crops);
    crops.push_back(i % info.crops);
  }
  values.resize(samples.size() * static_cast<std::size_t>(info.sampleSize()));
  source.read(samples, crops, values);
}

void toHalves(std::span<const float> values, std::vector<std::uint16_t>& halves, const LatentSource& source,
              std::int64_t first) {
  constexpr std::uint16_t kExponent = 0x7C00;  // all ones: infinity or NaN
  halves.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    halves[i] = floatToHalf(values[i]);
    if ((halves[i] & kExponent) != kExponent) continue;
    const auto sample = first + static_cast<std::int64_t>(i) / (source.info().sampleSize() * source.info().crops);
    throw Error(ErrorKind::BadData, source.info().path,
                "sample " + std::to_string(sample) + " has the value " + std::to_string(values[i]) +
                    ", which float16 cannot hold (up to 65504)",
                "write it as f32");
  }
}

/// Returns false if progress (0..1 of this array) said to stop.
bool writeNumbers(const LatentSource& source, bool half, std::size_t array, DatasetWriter& writer,
                  const ScanProgress& progress) {
  const auto& info = source.info();
  const auto block = std::max<std::int64_t>(1, kNumbersAtOnce / (info.sampleSize() * info.crops));
  std::vector<float> values;
  std::vector<std::uint16_t> halves;
  for (std::int64_t first = 0; first < info.samples; first += block) {
    readBlock(source, first, std::min(block, info.samples - first), values);
    if (half) toHalves(values, halves, source, first);
    writer.append(array, half ? std::as_bytes(std::span(halves)) : std::as_bytes(std::span(values)));
    if (!progress(static_cast<double>(std::min(first + block, info.samples)) / static_cast<double>(info.samples)))
      return false;
  }
  return true;
}

/// Returns false if progress said to stop.
bool writeAll(const std::vector<Part>& parts, DatasetWriter& writer, const ScanProgress& progress) {
  double total = 0.0, before = 0.0;
  for (const auto& part : parts) total += static_cast<double>(part.array.bytes());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto own = static_cast<double>(parts[i].array.bytes());
    const auto report = [&](double done) {
      return !progress || progress(kScanShare + (1.0 - kScanShare) * (before + own * done) / total);
    };
    if (parts[i].numbers == nullptr)
      writer.append(i, parts[i].whole);
    else if (!writeNumbers(*parts[i].numbers, parts[i].array.type == NumberType::Float16, i, writer, report))
      return false;
    if (!report(1.0)) return false;
    before += own;
  }
  writer.finish();
  return true;
}

/// The first and the last sample as the new file gives them; they were rounded if it is float16.
void compareEnds(const LatentSource& source, const fs::path& path, bool half) {
  const auto written =
      sources::openSource(path, {.dataset = "latents", .axes = source.info().hasCropAxis ? "BTCHW" : "BCHW"});
  std::vector<float> want, got;
  bool same = written->info().samples == source.info().samples && written->info().crops == source.info().crops &&
              written->info().sampleSize() == source.info().sampleSize() &&
              std::ranges::equal(written->labels(), source.labels()) &&
              std::ranges::equal(written->keys(), source.keys()) &&
              written->info().classNames == source.info().classNames;
  for (const auto sample : {std::int64_t{0}, source.info().samples - 1}) {
    if (!same) break;
    readBlock(source, sample, 1, want);
    readBlock(*written, sample, 1, got);
    if (half)
      std::transform(want.begin(), want.end(), want.begin(), [](float x) { return halfToFloat(floatToHalf(x)); });
    same = want == got;
  }
  if (!same) throw Error(ErrorKind::Io, path, "what was written reads back differently", "try again, on another disk");
}

}  // namespace

bool convertDataset(const LatentSource& source, const fs::path& out, const ConvertSettings& settings,
                    const ScanProgress& progress) {
  const auto& target = targetOf(out);
  checkPlace(source, out, settings);
  const PartFile part(fs::path(out) += ".part");
  const auto names = classNamesAsBytes(source.info().classNames);
  const auto parts = partsOf(source, settings, names);
  DatasetToWrite dataset{part.path(), {}};
  for (const auto& each : parts) dataset.arrays.push_back(each.array);
  checkSpace(dataset);
  const auto report = [&](double fraction) { return !progress || progress(kScanShare * fraction); };
  if (!refuseUnfit(source, report).complete) return false;
  if (const auto* context = source.context(); context != nullptr && !refuseUnfit(*context, report).complete)
    return false;
  {
    const auto writer = target.make(dataset);
    if (!writeAll(parts, *writer, progress)) return false;
  }
  compareEnds(source, part.path(), wantsHalf(settings, source.info()));
  renameDurably(part.path(), out);
  return true;
}

}  // namespace dw::data::writers
