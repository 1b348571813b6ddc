// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/checkpoint_writer.h"

#include <utility>

#include "base/thread_priority.h"

namespace dw::trainer {

CheckpointWriter::CheckpointWriter(run_folder::CheckpointStore store, std::int64_t keep, nlohmann::json run,
                                   std::function<void()> beforeSave)
    : store_(std::move(store)),
      keep_(keep),
      run_(std::move(run)),
      beforeSave_(std::move(beforeSave)),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

CheckpointWriter::~CheckpointWriter() {
  wait();
  thread_.request_stop();
}

void CheckpointWriter::begin(std::int64_t step, std::shared_ptr<const Snapshot> snapshot, nlohmann::json facts) {
  {
    const std::lock_guard lock(mutex_);
    job_.emplace(Job{step, std::move(snapshot), std::move(facts), std::chrono::steady_clock::now()});
  }
  changed_.notify_all();
}

bool CheckpointWriter::busy() const {
  const std::lock_guard lock(mutex_);
  return job_.has_value();
}

void CheckpointWriter::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !job_; });
}

std::optional<SaveOutcome> CheckpointWriter::takeOutcome() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

SaveOutcome CheckpointWriter::save(const Job& job) {
  SaveOutcome outcome;
  outcome.step = job.step;
  try {
    if (beforeSave_) beforeSave_();
    auto facts = job.facts;
    facts["run"] = run_;
    outcome.folder = store_
                         .save(
                             job.step, [&](const std::filesystem::path& folder) { job.snapshot->write(folder); }, facts)
                         .folder;
    store_.prune(keep_, job.step);
  } catch (...) {  // whatever it is, the run loop decides what it means
    outcome.failure = std::current_exception();
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - job.began).count();
  return outcome;
}

void CheckpointWriter::work(std::stop_token stop) {
  lowerThreadPriority();
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return job_.has_value(); })) {
    lock.unlock();
    auto outcome = save(*job_);  // nobody touches the job before it is done
    lock.lock();
    job_.reset();
    outcome_ = std::move(outcome);
    changed_.notify_all();
  }
}

}  // namespace dw::trainer
