// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>
#include <memory>

#include "inference/model.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

class NoiseLab;
class TrainingSession;

/// What a model sees in the x_t of a NoiseLab.
struct ModelView {
  PreviewTile eps, x0, error;  ///< eps-hat, x0-hat, eps-hat - eps; in the model's scale
  double meanSquare = 0.0;     ///< of the error: the loss of this one sample at this t
  qint64 t = 0;
  qint64 step = 0;  ///< of the weights
  bool averaged = false;
  config::ScheduleSettings trainedWith;
};

/// Has a model predict from the x_t that the lab shows: the weights of the run under way, refreshed at most once a second, or
/// those of a checkpoint. One thread, one core, behind training in the queue for the processor; the latest request wins. Lives
/// in the GUI thread.
class LivePredictor : public QObject {
  Q_OBJECT

 public:
  enum class Source { Nothing, Training, Checkpoint };
  Q_ENUM(Source)

  LivePredictor(NoiseLab* lab, TrainingSession* session, inference::ModelOpener opener, QObject* parent = nullptr);
  ~LivePredictor() override;

  /// checkpoint: its folder, of Source::Checkpoint.
  void setSource(Source source, bool averaged, const QString& checkpoint = {});
  Source source() const { return source_; }
  /// Predicts nothing while nobody sees it.
  void setWatched(bool watched);
  /// Class that the model is told; -1 = none.
  void setLabel(qint64 label);
  /// The weights at hand; null = none yet.
  std::shared_ptr<const inference::Model> model() const { return model_; }

 Q_SIGNALS:
  void seen(const dw::ui::ModelView& sight);
  /// The model is another one, or there is none any more.
  void modelChanged();
  void failed(const QString& sentence, const QString& remedy);

 private:
  void takeModel(std::shared_ptr<const inference::Model> model);
  void refreshWeights();
  void want();
  void predict();

  NoiseLab* lab_;
  TrainingSession* session_;
  inference::ModelOpener opener_;
  Source source_ = Source::Nothing;
  bool averaged_ = false, watched_ = false, predicting_ = false, wanted_ = false;
  qint64 label_ = -1;
  quint64 sourceId_ = 0;
  std::shared_ptr<const inference::Model> model_;
  QTimer refresh_, pace_;
  QElapsedTimer sincePredicted_;
  QThreadPool thread_;  // last: it waits for its job
};

}  // namespace dw::ui

Q_DECLARE_METATYPE(dw::ui::ModelView)
