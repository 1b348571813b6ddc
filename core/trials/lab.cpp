// SPDX-License-Identifier: GPL-3.0-or-later
#include "trials/lab.h"

#include "base/error.h"
#include "run_folder/checkpoint_folder.h"
#include "data/channel_statistics.h"
#include "data/sources/open_source.h"
#include "trainer/failure.h"
#include "trainer/live_control.h"
#include "run_folder/run_folder.h"

namespace dw::trials {
namespace {

constexpr std::int64_t kLookedAt = 256;  ///< samples, for the scale of a run that has not begun

}  // namespace

LabRequest labRequestFrom(const std::filesystem::path& checkpoint) {
  run_folder::readState(checkpoint);  // a sentence, if it is none
  auto description = run_folder::describeRunOf(checkpoint);
  if (description.recipe.data.axes.empty()) description.recipe.data.axes = description.axes;
  return {.recipe = std::move(description.recipe), .data = std::move(description.data), .checkpoint = checkpoint};
}

trainer::TaskRequest labTask(const LabRequest& request, const LabProgress& progress) {
  const auto goOn = [&](const std::string& what, double done) {
    if (!progress || progress(what, done)) return true;
    throw Error(ErrorKind::Cancelled, "given up", "");
  };
  const auto& settings = request.recipe.data;
  refuseIfWrong(config::validate(request.recipe));
  auto source = data::sources::openSource(request.data, {.dataset = settings.dataset, .axes = settings.axes, .unpack = true, .progress = goOn});
  trainer::TaskRequest task{.recipe = config::fittedTo(request.recipe, source->info().shape()), .data = source, .checkpoint = request.checkpoint};
  refuseIfWrong(config::validate(task.recipe));
  refuseIfWrong(config::validateAgainst(task.recipe, source->info().shape()));
  nlohmann::json scale;
  if (!request.checkpoint.empty()) scale = run_folder::describeRunOf(request.checkpoint).scale;
  // Which samples are skipped decides which are drawn, so all must be looked at then.
  const bool figures = scale.is_null() && settings.standardize;
  data::ChannelStatistics statistics;
  if (figures || settings.skipNotFinite) {
    statistics = data::channelStatistics(*source, settings.skipNotFinite ? 0 : kLookedAt, [&](double done) { return goOn("looking at the dataset", done); });
  }
  statistics.channels.resize(static_cast<std::size_t>(source->info().channels));  // a factor alone needs no figures
  task.scale = scale.is_null() ? data::valueScale(settings, statistics) : data::valueScaleFrom(scale, source->info().channels);
  if (settings.skipNotFinite) task.skipped = std::move(statistics.badSamples);
  task.progress = [goOn](const std::string& what, double done) { goOn(what, done); };
  return task;
}

config::LiveSettings labSettings(const trainer::TaskRequest& task) {
  if (task.checkpoint.empty()) return config::initialLiveSettings(task.recipe);
  return trainer::LiveControl::fromJson(run_folder::readState(task.checkpoint).value("live", nlohmann::json()), task.recipe).settings();
}

}  // namespace dw::trials
