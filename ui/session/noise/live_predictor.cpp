// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/noise/live_predictor.h"

#include <algorithm>
#include <utility>

#include "base/thread_priority.h"
#include "session/background_job.h"
#include "session/noise/noise_lab.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

constexpr int kRefreshMs = 1000;  // between two copies of the weights
constexpr int kPaceMs = 200;      // between two predictions while t is dragged: training must not feel it

struct Measured {
  inference::Prediction prediction;
  std::vector<float> error;
  double meanSquare = 0.0;
};

Measured measure(const inference::Model& model, const inference::PredictRequest& request,
                 const std::vector<float>& noise) {
  lowestThreadPriority();
  Measured result{model.predict(request), {}, 0.0};
  result.error.resize(noise.size());
  for (std::size_t i = 0; i < noise.size() && i < result.prediction.eps.size(); ++i) {
    result.error[i] = result.prediction.eps[i] - noise[i];
    result.meanSquare += static_cast<double>(result.error[i]) * static_cast<double>(result.error[i]);
  }
  result.meanSquare /= static_cast<double>(std::max<std::size_t>(1, noise.size()));
  return result;
}

}  // namespace

LivePredictor::LivePredictor(NoiseLab* lab, TrainingSession* session, inference::ModelOpener opener, QObject* parent)
    : QObject(parent), lab_(lab), session_(session), opener_(std::move(opener)) {
  thread_.setMaxThreadCount(1);
  refresh_.setInterval(kRefreshMs);
  pace_.setSingleShot(true);
  connect(&refresh_, &QTimer::timeout, this, &LivePredictor::refreshWeights);
  connect(&pace_, &QTimer::timeout, this, &LivePredictor::predict);
  connect(lab_, &NoiseLab::timeChanged, this, &LivePredictor::want);
  connect(lab_, &NoiseLab::sampleChanged, this, &LivePredictor::want);
  connect(lab_, &NoiseLab::scheduleChanged, this, &LivePredictor::want);
  connect(session_, &TrainingSession::weightsArrived, this,
          [this](const std::shared_ptr<const inference::Model>& model) {
            if (source_ == Source::Training) takeModel(model);
          });
  connect(session_, &TrainingSession::stateChanged, this, [this](messages::State state) {
    if (source_ == Source::Training && state == messages::State::Preparing) takeModel(nullptr);  // of another run
  });
}

LivePredictor::~LivePredictor() = default;

void LivePredictor::setSource(Source source, bool averaged, const QString& checkpoint) {
  source_ = source;
  averaged_ = averaged;
  const auto id = ++sourceId_;
  takeModel(nullptr);
  refresh_.stop();
  if (source_ == Source::Training) {
    refresh_.start();
    refreshWeights();
  } else if (source_ == Source::Checkpoint && opener_) {
    runInPool(
        &thread_, this,
        [opener = opener_, path = checkpoint.toStdString(), averaged] {
          const auto weights = averaged ? inference::WeightChoice::Averaged : inference::WeightChoice::Last;
          return opener(path, {.weights = weights, .verify = false, .threads = 1});
        },
        [this, id](const std::shared_ptr<const inference::Model>& model) {
          if (id == sourceId_) takeModel(model);
        },
        [this, id](const JobFailure& failure) {
          if (id == sourceId_) Q_EMIT failed(failure.sentence, failure.remedy);
        });
  }
}

void LivePredictor::setWatched(bool watched) {
  watched_ = watched;
  if (!watched_) return;
  if (source_ == Source::Training) refreshWeights();
  want();
}

void LivePredictor::setLabel(qint64 label) {
  if (label == label_) return;
  label_ = label;
  want();
}

void LivePredictor::refreshWeights() {
  // A paused run keeps its weights: one copy is enough.
  const bool still =
      model_ && session_->state() == messages::State::Paused && model_->facts().step == session_->last().step;
  if (watched_ && !predicting_ && !still) session_->askForWeights(averaged_);
}

void LivePredictor::takeModel(std::shared_ptr<const inference::Model> model) {
  model_ = std::move(model);
  if (model_) lab_->setScale(model_->facts().scale);
  Q_EMIT modelChanged();
  want();
}

void LivePredictor::want() {
  wanted_ = true;
  if (predicting_ || pace_.isActive()) return;
  const auto rest = sincePredicted_.isValid() ? kPaceMs - sincePredicted_.elapsed() : 0;
  pace_.start(static_cast<int>(std::clamp<qint64>(rest, 0, kPaceMs)));
}

void LivePredictor::predict() {
  if (!wanted_ || predicting_ || !watched_ || !model_ || !lab_->hasSample()) return;
  wanted_ = false;
  predicting_ = true;
  sincePredicted_.start();
  const auto xT = lab_->noised(lab_->t());
  inference::PredictRequest request{.xT = *xT.values,
                                    .channels = xT.channels,
                                    .height = xT.height,
                                    .width = xT.width,
                                    .time = static_cast<double>(lab_->t()) / static_cast<double>(lab_->steps()),
                                    .terms = schedule::forwardTerms(lab_->curve()->tables, lab_->t())};
  if (label_ >= 0 && label_ < model_->facts().classes()) request.labels = {label_};
  runInPool(
      &thread_, this,
      [model = model_, request, noise = lab_->noise().values] { return measure(*model, request, *noise); },
      [this, model = model_, t = lab_->t(), shape = xT](const Measured& result) {
        predicting_ = false;
        const auto tile = [&shape](const std::vector<float>& values) {
          auto out = shape;
          out.values = std::make_shared<const std::vector<float>>(values);
          return out;
        };
        const auto& facts = model->facts();
        if (model == model_) {
          Q_EMIT seen({tile(result.prediction.eps), tile(result.prediction.x0), tile(result.error), result.meanSquare,
                       t, facts.step, facts.averaged, facts.schedule});
        }
        if (wanted_) want();
      },
      [this](const JobFailure& failure) {
        predicting_ = false;
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

}  // namespace dw::ui
