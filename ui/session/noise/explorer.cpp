// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/noise/explorer.h"

#include <algorithm>
#include <utility>

#include "base/thread_priority.h"
#include "session/background_job.h"
#include "session/noise/noise_lab.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

constexpr int kRefreshMs = 1000;  // between two copies of the weights
constexpr int kPaceMs = 200;      // between two questions while t is dragged: training must not feel it

struct Answered {
  inference::ModelAnswer answer;
  std::vector<float> error;
  double meanSquare = 0.0;
};

Answered answer(const inference::FrozenModel& model, const inference::ModelQuestion& question, const std::vector<float>& noise) {
  lowestThreadPriority();
  Answered result{model.ask(question), {}, 0.0};
  result.error.resize(noise.size());
  for (std::size_t i = 0; i < noise.size() && i < result.answer.eps.size(); ++i) {
    result.error[i] = result.answer.eps[i] - noise[i];
    result.meanSquare += static_cast<double>(result.error[i]) * static_cast<double>(result.error[i]);
  }
  result.meanSquare /= static_cast<double>(std::max<std::size_t>(1, noise.size()));
  return result;
}

}  // namespace

Explorer::Explorer(NoiseLab* lab, TrainingSession* session, inference::ModelOpener opener, QObject* parent)
    : QObject(parent), lab_(lab), session_(session), opener_(std::move(opener)) {
  thread_.setMaxThreadCount(1);
  refresh_.setInterval(kRefreshMs);
  pace_.setSingleShot(true);
  connect(&refresh_, &QTimer::timeout, this, &Explorer::refreshWeights);
  connect(&pace_, &QTimer::timeout, this, &Explorer::ask);
  connect(lab_, &NoiseLab::timeChanged, this, &Explorer::want);
  connect(lab_, &NoiseLab::sampleChanged, this, &Explorer::want);
  connect(lab_, &NoiseLab::scheduleChanged, this, &Explorer::want);
  connect(session_, &TrainingSession::weightsArrived, this, [this](const std::shared_ptr<const inference::FrozenModel>& model) {
    if (source_ == Source::Training) takeModel(model);
  });
  connect(session_, &TrainingSession::stateChanged, this, [this](messages::State state) {
    if (source_ == Source::Training && state == messages::State::Preparing) takeModel(nullptr);  // of another run
  });
}

Explorer::~Explorer() = default;

void Explorer::setSource(Source source, bool averaged, const QString& checkpoint) {
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
        &thread_, this, [opener = opener_, path = checkpoint.toStdString(), averaged] { return opener(path, averaged); },
        [this, id](const std::shared_ptr<const inference::FrozenModel>& model) {
          if (id == sourceId_) takeModel(model);
        },
        [this, id](const JobFailure& failure) {
          if (id == sourceId_) Q_EMIT failed(failure.sentence, failure.remedy);
        });
  }
}

void Explorer::setWatched(bool watched) {
  watched_ = watched;
  if (!watched_) return;
  if (source_ == Source::Training) refreshWeights();
  want();
}

void Explorer::setLabel(qint64 label) {
  if (label == label_) return;
  label_ = label;
  want();
}

void Explorer::refreshWeights() {
  // A paused run keeps its weights: one copy is enough.
  const bool still = model_ && session_->state() == messages::State::Paused && model_->facts().step == session_->last().step;
  if (watched_ && !asking_ && !still) session_->askForWeights(averaged_);
}

void Explorer::takeModel(std::shared_ptr<const inference::FrozenModel> model) {
  model_ = std::move(model);
  if (model_) lab_->setScale(model_->facts().scale);
  Q_EMIT modelChanged();
  want();
}

void Explorer::want() {
  wanted_ = true;
  if (asking_ || pace_.isActive()) return;
  const auto rest = sinceAsked_.isValid() ? kPaceMs - sinceAsked_.elapsed() : 0;
  pace_.start(static_cast<int>(std::clamp<qint64>(rest, 0, kPaceMs)));
}

void Explorer::ask() {
  if (!wanted_ || asking_ || !watched_ || !model_ || !lab_->hasSample()) return;
  wanted_ = false;
  asking_ = true;
  sinceAsked_.start();
  const auto xT = lab_->noised(lab_->t());
  inference::ModelQuestion question{.xT = *xT.values,
                              .channels = xT.channels,
                              .height = xT.height,
                              .width = xT.width,
                              .time = static_cast<double>(lab_->t()) / static_cast<double>(lab_->steps()),
                              .terms = schedule::forwardTerms(lab_->curve()->tables, lab_->t())};
  if (label_ >= 0 && label_ < model_->facts().recipe.model.classCond) question.labels = {label_};
  runInPool(
      &thread_, this, [model = model_, question, noise = lab_->noise().values] { return answer(*model, question, *noise); },
      [this, model = model_, t = lab_->t(), shape = xT](const Answered& result) {
        asking_ = false;
        const auto tile = [&shape](const std::vector<float>& values) {
          auto out = shape;
          out.values = std::make_shared<const std::vector<float>>(values);
          return out;
        };
        const auto& facts = model->facts();
        if (model == model_) {
          Q_EMIT seen({tile(result.answer.eps), tile(result.answer.x0), tile(result.error), result.meanSquare, t, facts.step, facts.averaged,
                       facts.recipe.schedule});
        }
        if (wanted_) want();
      },
      [this](const JobFailure& failure) {
        asking_ = false;
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

}  // namespace dw::ui
