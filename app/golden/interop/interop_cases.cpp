// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/interop/interop_cases.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "config/recipe_json.h"
#include "data/data_report.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"

namespace dw::golden {
namespace {

using nlohmann::json;

/// Every value in row-major order as float32, hashed; probes are picked out on the way. Empty: all as expected.
std::string compareValues(const data::LatentSource& source, const json& expected) {
  const auto& info = source.info();
  const auto size = info.sampleSize();
  std::vector<float> values(static_cast<std::size_t>(size));
  Sha256 hash;
  for (std::int64_t item = 0; item < info.samples * info.crops; ++item) {
    const std::int64_t sample = item / info.crops, crop = item % info.crops;
    source.read({&sample, 1}, {&crop, 1}, values);
    hash.update(std::as_bytes(std::span(values)));
    for (const auto& probe : expected.value("probes", json::array())) {
      const auto at = probe.at("flat_index").get<std::int64_t>() - item * size;
      if (at < 0 || at >= size) continue;
      const auto value = static_cast<double>(values[static_cast<std::size_t>(at)]);
      if (value != probe.at("value").get<double>()) {
        return "number " + probe.at("flat_index").dump() + " is " + json(value).dump() + " instead of " +
               probe.at("value").dump();
      }
    }
  }
  const auto digest = hash.hex();
  const auto wanted = expected.at("sha256_float32_le").get<std::string>();
  return digest == wanted ? "" : "the hash of all values is " + digest + " instead of " + wanted;
}

/// files.json gives the first few keys.
std::string compareKeys(const data::LatentSource& source, const json& expected) {
  if (!expected.contains("keys")) return {};
  const auto wanted = expected["keys"].get<std::vector<std::int64_t>>();
  const auto keys = source.keys();
  const bool same = keys.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), keys.begin());
  return same ? "" : "the first keys are not those expected";
}

std::string compareAccepted(const data::LatentSource& source, const json& expected) {
  const auto& info = source.info();
  std::vector<std::int64_t> shape{info.samples};
  if (info.hasCropAxis) shape.push_back(info.crops);
  shape.insert(shape.end(), {info.channels, info.height, info.width});
  if (json(shape) != expected.at("shape"))
    return "the shape is " + json(shape).dump() + " instead of " + expected["shape"].dump();
  if (info.dtype != expected.at("dtype").get<std::string>())
    return "the type is " + info.dtype + " instead of " + expected["dtype"].dump();
  const auto keys = compareKeys(source, expected);
  return keys.empty() ? compareValues(source, expected) : keys;
}

InteropOutcome runOne(const std::filesystem::path& folder, const json& expected) {
  InteropOutcome outcome;
  outcome.file = expected.at("file").get<std::string>();
  const auto expect = expected.at("expect").get<std::string>();
  try {
    const auto source = data::sources::openSource(folder / outcome.file);
    data::refuseUnfit(*source);
    const bool comparable = expect.starts_with("accept") && expected.contains("shape");
    const auto difference = comparable ? compareAccepted(*source, expected) : std::string();
    outcome.pass = expect.starts_with("accept") && difference.empty();
    outcome.detail = !expect.starts_with("accept") ? "was opened, but should be refused"
                     : difference.empty()          ? "opened"
                                                   : difference;
  } catch (const Error& error) {
    outcome.pass = expect != "accept";
    outcome.detail = std::string(error.what()) + (error.remedy().empty() ? "" : "; " + error.remedy());
  }
  for (const auto& place : {folder / "pwned", std::filesystem::path("pwned")}) {
    std::error_code ignored;
    if (!std::filesystem::exists(place, ignored)) continue;
    outcome.pass = false;
    outcome.detail = "something in the file was executed: " + place.string() + " exists";
  }
  return outcome;
}

}  // namespace

std::vector<InteropOutcome> runInterop(const std::filesystem::path& interopFolder) {
  const auto path = interopFolder / "files.json";
  const auto list = config::parseJson(readTextFile(path), path);
  std::vector<InteropOutcome> outcomes;
  try {
    for (const auto& expected : list.at("files")) {
      const auto file = expected.at("file").get<std::string>();
      if (!file.starts_with("ckpt") && !file.starts_with("bad_ckpt"))
        outcomes.push_back(runOne(interopFolder, expected));
    }
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::BadData, path, std::string("the list of files is not as it should be: ") + problem.what());
  }
  return outcomes;
}

}  // namespace dw::golden
