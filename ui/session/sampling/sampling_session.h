// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "inference/latent_decoder.h"
#include "inference/sampling.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// One step of a trajectory, of the pictures that are kept.
struct SampleFrame {
  std::int64_t step = 0;      ///< model calls done
  double t = 0.0;             ///< the timestep that the model was asked at
  std::vector<float> x, x0;   ///< [kept, C, H, W] in the model's scale: the state, and the end as seen from here
};

/// Samples that were made, with the way they took.
struct MadeSamples {
  inference::SampledModel model;
  inference::SampleRequest request;
  std::vector<float> values;        ///< [count, C, H, W] in the model's scale
  std::int64_t kept = 0;            ///< how many pictures have frames
  std::vector<SampleFrame> frames;  ///< evenly spaced over the steps where there are very many
  double seconds = 0.0;

  std::int64_t sampleSize() const { return model.channels * model.height * model.width; }
  /// Class of picture `index`; -1 = none was asked for.
  std::int64_t labelOf(std::int64_t index) const;
  PreviewTile tile(std::int64_t index) const;
  /// x0: the model's guess of the end; else the state. index below kept.
  PreviewTile tile(const SampleFrame& frame, std::int64_t index, bool x0) const;
  /// The same numbers in the scale of the dataset, which colours are made for.
  PreviewTile asStored(const PreviewTile& tile) const;
  /// All values in the scale of the dataset.
  std::vector<float> stored() const;

 private:
  PreviewTile cut(const std::vector<float>& all, std::int64_t index) const;
};

/// What is to be made from what.
struct SampleOrder {
  QString checkpoint;  ///< a checkpoint folder
  bool averaged = true;
  inference::SampleRequest request;
  std::shared_ptr<const data::LatentSource> source{};  ///< whose sample `contextOf` tells the context
  std::int64_t contextOf = -1;                         ///< -1 = the model is told no context
};

/// What computes for the window, put in by the program: inference/sampling.h, whose functions bring LibTorch along. Tests bring
/// their own. Empty functions: this build cannot sample.
struct SamplingTools {
  std::function<std::shared_ptr<inference::SamplingModel>(const std::filesystem::path& checkpoint, bool averaged)> open{};
  std::function<inference::SampledModel(const std::filesystem::path& checkpoint)> describe{};
  std::function<Problems(const inference::SampledModel& model, const config::DatasetShape& data)> compare{};
  std::function<std::shared_ptr<const inference::LatentDecoder>(const std::filesystem::path& file)> openDecoder{};
  std::vector<inference::SamplerChoice> samplers{};
};

/// Makes samples on a thread of its own, behind the window in the queue for the processor. One order at a time. Lives in the
/// GUI thread. Keeps the model of the last order, so that the next one of the same checkpoint begins at once.
class SamplingSession : public QObject {
  Q_OBJECT

 public:
  explicit SamplingSession(SamplingTools tools, QObject* parent = nullptr);
  ~SamplingSession() override;
  const SamplingTools& tools() const { return tools_; }

  bool isBusy() const { return busy_; }
  /// A cancel was asked for and the present model call is still under way.
  bool isCancelling() const { return busy_ && stop_ && stop_->load(); }
  /// False while busy. Answers: progressed, then one of made, cancelled, refused, failed.
  bool start(const SampleOrder& order);
  void cancel();

 Q_SIGNALS:
  void stateChanged();
  /// fraction of all model calls.
  void progressed(double fraction);
  void made(const std::shared_ptr<const dw::ui::MadeSamples>& samples);
  void cancelled();
  /// The model cannot do this: problems at the names of SampleRequest's members.
  void refused(const dw::Problems& problems);
  void failed(const QString& sentence, const QString& remedy);

 private:
  struct Workshop;
  struct Outcome;
  static Outcome work(Workshop& workshop, const SampleOrder& order, const std::atomic<bool>& stop, const std::function<void(double)>& progress);
  void finish();

  SamplingTools tools_;
  std::shared_ptr<Workshop> workshop_;  ///< used by one job at a time
  std::shared_ptr<std::atomic<bool>> stop_;
  bool busy_ = false;
  QThreadPool thread_;  // last: it waits for its job
};

}  // namespace dw::ui
