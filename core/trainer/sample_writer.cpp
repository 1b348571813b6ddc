// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/sample_writer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/folder.h"
#include "base/thread_priority.h"
#include "data/pictures/contact_sheet.h"
#include "run_folder/checkpoint_folder.h"

namespace dw::trainer {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 64;  ///< pixels of a picture, where the latents are smaller
constexpr std::int64_t kPreviewPictures = 4;
constexpr const char* kEnding = ".png";  ///< of pictures called like the checkpoint of their step

inference::SampleRequest requestOf(SampleWriter::Kind kind, const config::SampleSettings& settings, std::uint64_t seed,
                                   const inference::ModelFacts& model) {
  inference::SampleRequest request;
  request.count = kind == SampleWriter::Kind::Preview ? std::min(settings.count, kPreviewPictures) : settings.count;
  request.sampler = model.defaultSampler();
  request.steps = std::min(settings.steps, model.schedule.steps);
  request.seed = seed;
  request.threads = 1;  // the others are the trainer's
  for (std::int64_t i = 0; i < request.count && model.classes() > 0; ++i) request.labels.push_back(i % model.classes());
  return request;
}

}  // namespace

fs::path samplePicture(const fs::path& folder, std::int64_t step) {
  return folder / (run_folder::stepName(step) + kEnding);
}

void dropSamplesBeyond(const fs::path& folder, std::int64_t step) noexcept {
  try {
    std::error_code absent;
    for (fs::directory_iterator at(folder, absent), end; !absent && at != end; at.increment(absent)) {
      std::error_code stays;
      const auto& path = at->path();
      if (path.extension() == kEnding && run_folder::stepOfName(path.stem().string()).value_or(-1) > step)
        fs::remove(path, stays);
    }
  } catch (const std::exception&) {  // no memory for a name: old pictures do no harm
    return;
  }
}

SampleWriter::SampleWriter(const config::SampleSettings& settings, std::uint64_t seed)
    : settings_(settings), seed_(seed), thread_([this](const std::stop_token& stop) { work(stop); }) {}

SampleWriter::~SampleWriter() = default;

bool SampleWriter::busy() const {
  const std::lock_guard lock(mutex_);
  return !jobs_.empty();
}

bool SampleWriter::busy(Kind kind) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(jobs_, [kind](const Job& job) { return job.kind == kind; });
}

void SampleWriter::begin(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void SampleWriter::wait(std::chrono::milliseconds longest) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [this] { return jobs_.empty(); });
}

std::optional<SampleWriter::Failure> SampleWriter::takeFailure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failure_, std::nullopt);
}

void SampleWriter::work(const std::stop_token& stop) {
  lowestThreadPriority();
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !jobs_.empty(); }) && !stop.stop_requested()) {
    const auto& job = jobs_.front();  // a deque that grows at its end moves nothing
    lock.unlock();
    std::exception_ptr failure;
    try {
      draw(job, stop);
    } catch (...) {  // handed to the run loop, which says what it was
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !failure_) failure_ = Failure{job.step, job.picture, failure};
    jobs_.pop_front();
    changed_.notify_all();
  }
}

void SampleWriter::draw(const Job& job, const std::stop_token& stop) const {
  const auto model = job.model();
  if (stop.stop_requested() || !model) return;
  const auto& facts = model->facts();
  const auto samples = model->sample(requestOf(job.kind, settings_, seed_, facts), {}, stop);
  if (!samples) return;
  const auto pictures = inference::picturesOf(*samples);
  const int zoom = data::pictures::zoomFor(facts.height, facts.width, kSide);
  const bool strip = job.kind == Kind::Strip;
  const int columns = strip ? static_cast<int>(pictures.size()) : data::pictures::squareColumns(pictures.size());
  if (strip) makeFolders(job.picture.parent_path());
  data::pictures::writePng(job.picture,
                           data::pictures::contactSheet(pictures, {.columns = columns, .zoom = zoom, .gap = 2}));
}

}  // namespace dw::trainer
