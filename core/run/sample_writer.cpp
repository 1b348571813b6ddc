// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/sample_writer.h"

#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/thread_priority.h"
#include "data/contact_sheet.h"
#include "data/latent_preview.h"
#include "run/sampling.h"

namespace dw::run {
namespace {

constexpr int kZoom = 2;

data::PreviewImage pictureOf(std::span<const float> values, const SampledModel& model) {
  data::SourceInfo info;
  info.channels = model.channels;
  info.height = model.height;
  info.width = model.width;
  return data::previewRgb(values, info, data::projectionFor(data::coloursFor(model.channels).front(), model.channels));
}

}  // namespace

std::filesystem::path samplePicture(const std::filesystem::path& folder, std::int64_t step) {
  char name[40];
  std::snprintf(name, sizeof name, "step-%07lld.png", static_cast<long long>(step));
  return folder / name;
}

SampleWriter::SampleWriter(std::filesystem::path folder, const config::SampleSettings& settings, std::uint64_t seed)
    : folder_(std::move(folder)), settings_(settings), seed_(seed), thread_([this](const std::stop_token& stop) { work(stop); }) {}

SampleWriter::~SampleWriter() = default;

bool SampleWriter::busy() const {
  const std::lock_guard lock(mutex_);
  return job_.has_value();
}

void SampleWriter::begin(std::int64_t step, std::shared_ptr<const FrozenModel> model) {
  {
    const std::lock_guard lock(mutex_);
    job_ = Job{step, std::move(model)};
  }
  changed_.notify_one();
}

std::optional<SampleWriter::Outcome> SampleWriter::takeOutcome() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

void SampleWriter::work(const std::stop_token& stop) {
  lowestThreadPriority();
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return job_.has_value(); })) {
    const Job job = *job_;
    lock.unlock();
    Outcome outcome{.step = job.step};
    try {
      draw(job, stop);
    } catch (...) {  // handed to the run loop, which says what it was
      outcome.failure = std::current_exception();
    }
    lock.lock();
    outcome_ = outcome;
    job_.reset();
  }
}

void SampleWriter::draw(const Job& job, const std::stop_token& stop) const {
  const auto sampling = job.model->sampling();
  if (!sampling) return;
  const auto& model = sampling->info();
  SampleRequest request;
  request.count = settings_.count;
  request.steps = settings_.steps;
  request.seed = seed_;
  request.threads = 1;
  if (model.diffusion.target == "flow") request.sampler = "flow";
  for (std::int64_t i = 0; i < settings_.count && model.classes() > 0; ++i) request.labels.push_back(i % model.classes());
  auto result = sampling->sample(request, {}, stop);
  if (result.cancelled) return;
  const auto size = static_cast<std::size_t>(model.channels * model.height * model.width);
  std::vector<data::PreviewImage> pictures;
  for (std::size_t i = 0; i < static_cast<std::size_t>(settings_.count); ++i) {
    const auto one = std::span(result.values).subspan(i * size, size);
    model.scale.undo(one, static_cast<std::size_t>(model.channels), static_cast<std::size_t>(model.height * model.width));
    pictures.push_back(pictureOf(one, model));
  }
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw Error(ErrorKind::Io, folder_, "the folder cannot be made: " + error.message(), "check the rights of the run folder");
  data::writePng(samplePicture(folder_, job.step), data::contactSheet(pictures, {.columns = static_cast<int>(settings_.count), .zoom = kZoom, .gap = 2}));
}

}  // namespace dw::run
