// SPDX-License-Identifier: GPL-3.0-or-later
// How fast datasets are read; one JSON line for each file. Random batches are 64 different samples in rising order, first crop,
// contiguous float32, as one would read them with h5py or torch to compare.
//   bench_data batches FILE...   samples/s of random batches in one thread, opening included
//   bench_data look FILE...      opening, quick statistics and the first pictures; growth of memory, also after reading all
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/file.h"
#include "base/system_info.h"
#include "data/channel_statistics.h"
#include "data/latent_source.h"
#include "data/memory_source.h"
#include "data/prefetcher.h"
#include "data/sources/open_source.h"

namespace {

using Clock = std::chrono::steady_clock;
using dw::data::LatentSource;

struct Options {
  std::vector<std::string> files;
  std::string axes;
  int batch = 64, batches = 1000, reps = 3, pictures = 40;
  bool cold = false, prefetch = false, preload = false;
};

double seconds(Clock::time_point since) { return std::chrono::duration<double>(Clock::now() - since).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
}

std::shared_ptr<const LatentSource> open(const std::string& file, const Options& o) {
  return dw::data::sources::openSource(file, {.axes = o.axes});
}

std::vector<std::vector<std::int64_t>> plan(std::int64_t samples, const Options& o) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> any(0, samples - 1);
  std::vector<std::vector<std::int64_t>> batches;
  const auto size = static_cast<std::size_t>(std::min<std::int64_t>(o.batch, samples));
  for (int i = 0; i < o.batches; ++i) {
    std::set<std::int64_t> chosen;
    while (chosen.size() < size) chosen.insert(any(random));
    batches.emplace_back(chosen.begin(), chosen.end());
  }
  return batches;
}

/// As the trainer gets them: the prefetcher's threads read ahead, here a consumer that does nothing with them.
void readAhead(const std::shared_ptr<const LatentSource>& source, const Options& o) {
  const auto& info = source->info();
  dw::data::Prefetcher batches(
      source,
      dw::data::BatchSampler({.batch = std::min<std::int64_t>(o.batch, info.samples)}, info.samples, info.crops), {});
  for (int i = 0; i < o.batches; ++i) batches.next();
}

void readAll(const LatentSource& source, const std::vector<std::vector<std::int64_t>>& batches) {
  std::vector<float> out;
  for (const auto& samples : batches) {
    const std::vector<std::int64_t> crops(samples.size(), 0);
    out.resize(samples.size() * static_cast<std::size_t>(source.info().sampleSize()));
    source.read(samples, crops, out);
  }
}

void benchBatches(const std::string& file, const Options& o) {
  const auto batches = plan(open(file, o)->info().samples, o);
  std::vector<double> rates, opens, loads;
  for (int rep = 0; rep < o.reps; ++rep) {
    if (o.cold) dw::dropFromMemory(file);
    const auto begin = Clock::now();
    auto source = open(file, o);
    opens.push_back(1e3 * seconds(begin));
    if (o.preload) source = dw::data::preloaded(source, 0);
    const auto reading = o.preload ? Clock::now() : begin;  // what the preloading takes is told by its own
    loads.push_back(1e3 * (seconds(begin) - seconds(reading)));
    if (o.prefetch)
      readAhead(source, o);
    else
      readAll(*source, batches);
    rates.push_back(static_cast<double>(batches.size() * batches.front().size()) / seconds(reading));
  }
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  std::cout << nlohmann::json{{"bench", "batches"},
                              {"file", file},
                              {"cold", o.cold},
                              {"threads", o.prefetch ? 2 : 1},
                              {"batch", o.batch},
                              {"batches", o.batches},
                              {"samples_per_s", {{"min", *low}, {"median", median(rates)}, {"max", *high}}},
                              {"open_ms", median(opens)},
                              {"preload_ms", o.preload ? median(loads) : 0.0}}
            << std::endl;
}

void benchLook(const std::string& file, const Options& o) {
  constexpr double kMiB = 1 << 20;
  if (o.cold) dw::dropFromMemory(file);
  const auto before = static_cast<double>(dw::residentMemory());
  const auto grown = [&] { return (static_cast<double>(dw::residentMemory()) - before) / kMiB; };
  const auto begin = Clock::now();
  const auto source = open(file, o);
  nlohmann::json line{{"bench", "look"}, {"file", file}, {"cold", o.cold}, {"open_ms", 1e3 * seconds(begin)}};
  std::vector<std::int64_t> first(static_cast<std::size_t>(std::min<std::int64_t>(o.pictures, source->info().samples)));
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
  readAll(*source, {first});
  line["pictures_ms"] = 1e3 * seconds(begin);
  dw::data::channelStatistics(*source, 256);
  line["looked_ms"] = 1e3 * seconds(begin);
  line["looked_mib"] = grown();
  const auto scanBegan = Clock::now();
  dw::data::channelStatistics(*source);
  line["scan_s"] = seconds(scanBegan);
  readAll(*source, plan(source->info().samples, o));
  line["all_mib"] = grown();
  std::cout << line << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("How fast datasets are read");
  app.require_subcommand(1);
  auto* batches = app.add_subcommand("batches", "samples/s of random batches");
  auto* look = app.add_subcommand("look", "time to the first pictures, growth of memory");
  for (auto* command : {batches, look}) {
    command->add_option("files", o.files)->required();
    command->add_option("--axes", o.axes, "roles of the file's axes");
    command->add_option("--batches", o.batches)->check(CLI::PositiveNumber);
    command->add_option("--batch", o.batch)->check(CLI::PositiveNumber);
    command->add_flag("--cold", o.cold, "drop the file from the page cache before each repeat");
  }
  batches->add_flag("--preload", o.preload, "from a copy in memory (data.preload); its making is not in the rate");
  batches->add_flag("--prefetch", o.prefetch, "through the trainer's prefetcher and its two threads");
  batches->add_option("--reps", o.reps)->check(CLI::PositiveNumber);
  look->add_option("--pictures", o.pictures)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    for (const auto& file : o.files) batches->parsed() ? benchBatches(file, o) : benchLook(file, o);
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
  return 0;
}
