// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/training_input.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/problem.h"
#include "data/batch_sampler.h"
#include "data/channel_statistics.h"
#include "data/data_report.h"
#include "data/dataset_identity.h"
#include "data/memory_source.h"
#include "data/sources/open_source.h"

namespace dw::trainer {
namespace {

constexpr std::int64_t kLookedAt = 256;  ///< samples, for the scale of a trial

/// Opens with a progress that throws where it is told to give up.
class Opening {
 public:
  Opening(const InputRequest& request, const InputProgress& progress, const InputWarning& warn)
      : request_(request), progress_(progress), warn_(warn) {
    input_.recipe = request.recipe;
  }

  TrainingInput run() {
    tell("opening the dataset", 0.0);
    try {
      open();
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::Cancelled) throw;
      throw DatasetError(e);
    } catch (const std::filesystem::filesystem_error& e) {
      throw DatasetError(Error(ErrorKind::Io, e.path1(), e.code().message(), "check that you may read there"));
    }
    if (request_.forRun) readIntoMemory();
    scan();
    return std::move(input_);
  }

 private:
  bool tell(const std::string& activity, double fraction) const {
    if (!progress_ || progress_(activity, fraction)) return true;
    throw Error(ErrorKind::Cancelled, "given up", "");
  }

  void warn(messages::Warning warning) const {
    if (warn_) warn_(std::move(warning));
  }

  void open() {
    const auto& settings = request_.recipe.data;
    input_.source = data::sources::openSource(
        request_.data, {.dataset = settings.dataset,
                        .axes = settings.axes.empty() ? request_.axes : settings.axes,
                        .unpack = true,
                        .progress = [this](const std::string& what, double done) { return tell(what, done); }});
    const auto shape = input_.source->info().shape();
    input_.recipe = config::fittedTo(request_.recipe, shape);
    auto problems = config::validate(input_.recipe);
    std::ranges::move(config::validateAgainst(input_.recipe, shape), std::back_inserter(problems));
    refuseIfWrong(problems);
    for (const auto& problem : problems) warn({problem.field + ": " + problem.sentence, problem.remedy});
    if (request_.forRun) identify();
  }

  void identify() {
    input_.identity = data::toJson(data::datasetIdentity(*input_.source));
    if (!request_.mustBe || data::sameDataset(*request_.mustBe, input_.identity)) return;
    throw Error(ErrorKind::BadData, input_.source->info().path,
                "this is not the dataset the run was trained on: its contents differ",
                "put the original file back in its place, or say where it lies now (option --data FILE)");
  }

  void readIntoMemory() {
    const auto& settings = request_.recipe.data;
    const auto& info = input_.source->info();
    if (!settings.preload) return;
    const auto crop = data::fixedCrop(settings.crop, info.crops);
    if (data::preloadFits(info, crop)) {
      input_.source = data::preloaded(std::move(input_.source), crop,
                                      [this](double done) { return tell("reading the dataset into memory", done); });
    } else {
      warn({"the dataset would take more than a quarter of the free memory, so batches are read from the file",
            "nothing need be done if the disk is quick; set data.preload to false to hear no more of it"});
    }
  }

  /// Which samples are skipped decides which are drawn, so all must be looked at then; a factor alone needs no figures.
  bool needsFigures() const {
    const auto& settings = request_.recipe.data;
    return request_.forRun || settings.skipNotFinite || (request_.scale.is_null() && settings.standardize);
  }

  void scan() {
    const auto& settings = request_.recipe.data;
    const auto channels = input_.source->info().channels;
    data::ChannelStatistics statistics;
    if (needsFigures()) {
      const bool all = request_.forRun || settings.skipNotFinite;
      const char* activity = request_.forRun ? "checking every number of the dataset" : "looking at the dataset";
      statistics = data::channelStatistics(*input_.source, all ? 0 : kLookedAt,
                                           [&](double done) { return tell(activity, done); });
    }
    if (request_.forRun) check(statistics);
    statistics.channels.resize(static_cast<std::size_t>(channels));
    if (request_.forRun || settings.skipNotFinite) input_.skipped = std::move(statistics.badSamples);
    // A run keeps to the figures it began with; those of before they were kept had the factor only.
    input_.scale = request_.scale.is_null() ? data::valueScale(settings, statistics)
                                            : data::valueScaleFrom(request_.scale, channels);
  }

  void check(const data::ChannelStatistics& statistics) {
    const auto& info = input_.source->info();
    const auto report = data::reportOn(info, statistics);
    if (!request_.recipe.data.skipNotFinite) data::refuseUnfit(info, report);
    for (const auto& problem : report.problems) {
      if (problem.severity != Severity::Error) warn({problem.sentence, problem.remedy});
    }
  }

  const InputRequest& request_;
  const InputProgress& progress_;
  const InputWarning& warn_;
  TrainingInput input_;
};

}  // namespace

TrainingInput openTrainingInput(const InputRequest& request, const InputProgress& progress, const InputWarning& warn) {
  return Opening(request, progress, warn).run();
}

}  // namespace dw::trainer
