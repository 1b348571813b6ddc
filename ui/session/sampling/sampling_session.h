// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "data/latent_source.h"
#include "inference/backend.h"

namespace dw::ui {

/// What is to be sampled from which weights.
struct SampleJob {
  QString checkpoint;  ///< a checkpoint folder
  bool averaged = true;
  inference::SampleRequest request;
  std::shared_ptr<const data::LatentSource> source{};  ///< whose sample `contextOf` tells the context
  std::int64_t contextOf = -1;                         ///< -1 = the model is told no context
};

/// Makes samples on a thread of its own, behind the window in the queue for the processor. One job at a time. Lives in the
/// GUI thread. Keeps the model of the last job, so that the next one of the same checkpoint begins at once.
class SamplingSession : public QObject {
  Q_OBJECT

 public:
  explicit SamplingSession(inference::Backend backend, QObject* parent = nullptr);
  ~SamplingSession() override;
  const inference::Backend& backend() const { return backend_; }

  bool isBusy() const { return busy_; }
  /// A cancel was asked for and the present model call is still under way.
  bool isCancelling() const { return busy_ && stop_ && stop_->load(); }
  /// False while busy. Answers: progressed, then one of made, cancelled, refused, failed.
  bool start(const SampleJob& job);
  void cancel();

 Q_SIGNALS:
  void stateChanged();
  /// fraction of all model calls.
  void progressed(double fraction);
  void made(const std::shared_ptr<const dw::inference::SampleSet>& samples);
  void cancelled();
  /// The model cannot do this: problems at the names of SampleRequest's members.
  void refused(const dw::Problems& problems);
  void failed(const QString& sentence, const QString& remedy);

 private:
  struct ModelCache;
  struct Outcome;
  static Outcome work(ModelCache& cache, const SampleJob& job, const std::atomic<bool>& stop,
                      const std::function<void(double)>& progress);
  void finish();

  inference::Backend backend_;
  std::shared_ptr<ModelCache> cache_;  ///< used by one job at a time
  std::shared_ptr<std::atomic<bool>> stop_;
  bool busy_ = false;
  QThreadPool thread_;  // last: it waits for its job
};

}  // namespace dw::ui
