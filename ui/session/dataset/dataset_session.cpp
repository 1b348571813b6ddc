// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/dataset_session.h"

#include <QFileInfo>
#include <QSettings>
#include <algorithm>
#include <utility>

#include "session/background_job.h"
#include "session/recent_list.h"

namespace dw::ui {
namespace {
const QString kDemo = QStringLiteral("demo");
const QString kLastKey = QStringLiteral("dataset/last");
const RecentList& recentDatasets() {
  static const RecentList kList(QStringLiteral("recent/datasets"));
  return kList;
}
constexpr qsizetype kPreviewsPerJob = 12;  // a screenful arrives in a few pieces, and new wishes wait for one at most
constexpr int kCheckUpAfterMs = 250;
constexpr std::int64_t kFitSamples = 64, kFitValues = 4'000'000;  // read at most this much for fitted colours
}  // namespace

DatasetSession::DatasetSession(QObject* parent, Opener opener)
    : QObject(parent), opener_(opener ? std::move(opener) : Opener(openWithCore)) {
  pictures_.setMaxThreadCount(2);
  checkUpSoon_.setSingleShot(true);
  checkUpSoon_.setInterval(kCheckUpAfterMs);
  connect(&checkUpSoon_, &QTimer::timeout, this, &DatasetSession::startCheckUp);
  connect(&watch_, &FileWatch::changed, this, &DatasetSession::takeChange);
}

DatasetSession::~DatasetSession() {
  stopCheckUp();
  if (openCancel_) openCancel_->store(true);
}

void DatasetSession::open(const QString& path, const std::optional<DatasetChoice>& choice) {
  cancelOpening();
  const quint64 id = openId_ = nextId_++;
  opening_ = true;
  openCancel_ = std::make_shared<std::atomic<bool>>(false);
  const auto recalled = choice ? std::nullopt : recallChoice(path);
  OpeningPlan plan{.path = path,
                   .choice = choice ? *choice : recalled.value_or(DatasetChoice()),
                   .recalled = recalled.has_value(),
                   .opener = opener_,
                   .cancelled = openCancel_,
                   .progress = {}};
  plan.progress = [self = QPointer<DatasetSession>(this), id](const QString& activity, double fraction) {
    postTo(self, [self, id, activity, fraction] {
      if (self->openId_ == id && self->opening_) Q_EMIT self->openingProgress(activity, fraction);
    });
  };
  Q_EMIT opening(path);
  runInBackground(
      this, [plan] { return openDataset(plan); },
      [this, id, path](const OpeningResult& result) { takeOpened(id, path, result); },
      [this, id](const JobFailure& failure) {
        if (id != openId_) return;
        opening_ = false;
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

void DatasetSession::reopen() {
  if (!path_.isEmpty()) open(path_, choice_);
}

void DatasetSession::cancelOpening() {
  if (!opening_) return;
  openCancel_->store(true);
  openId_ = nextId_++;
  opening_ = false;
  Q_EMIT openingCancelled();
}

void DatasetSession::takeOpened(quint64 id, const QString& path, const OpeningResult& result) {
  if (id != openId_) return;
  opening_ = false;
  if (!result.source) {
    Q_EMIT choiceNeeded(path, result.sentence, result.candidates);
    return;
  }
  stopCheckUp();
  path_ = path;
  choice_ = result.choice;
  source_ = result.source;
  quickLook_ = result.quickLook;
  checkUp_.reset();
  candidates_.clear();
  wishes_.clear();
  troubleTold_ = false;
  sourceId_ = sampleId_ = id;
  projections_.clear();
  for (const auto colours : {data::pictures::Colours::Natural, data::pictures::Colours::Sd1,
                             data::pictures::Colours::Sdxl, data::pictures::Colours::Fitted}) {
    projections_.push_back(data::pictures::projectionFor(colours, source_->info().channels, quickLook_.deviation));
  }
  rememberPath();
  if (path_ == kDemo) {
    watch_.stop();
  } else {
    watch_.watch(path_);
  }
  Q_EMIT opened();
  lookFurther();
  checkUpSoon_.start();
}

/// What is nice to know but must not hold up the first picture.
void DatasetSession::lookFurther() {
  const quint64 id = sourceId_;
  const auto ignore = [](const JobFailure&) {};  // whatever is wrong with the file, the pictures will tell
  runInBackground(
      this, [path = path_] { return path == kDemo ? std::vector<data::sources::Candidate>() : candidatesOf(path); },
      [this, id](const std::vector<data::sources::Candidate>& candidates) {
        if (id != sourceId_) return;
        candidates_ = candidates;
        Q_EMIT candidatesReady();
      },
      ignore);
  const auto colours = data::pictures::coloursFor(source_->info().channels);
  if (colours.back() != data::pictures::Colours::Fitted) return;
  const auto samples =
      std::clamp<std::int64_t>(kFitValues / std::max<std::int64_t>(1, source_->info().sampleSize()), 1, kFitSamples);
  runInPool(
      &pictures_, this, [source = source_, samples] { return data::pictures::fittedProjection(*source, samples); },
      [this, id](const data::pictures::RgbProjection& fitted) {
        if (id != sourceId_) return;
        projections_[static_cast<std::size_t>(data::pictures::Colours::Fitted)] = fitted;
        Q_EMIT projectionReady();
      },
      ignore);
}

const data::pictures::RgbProjection& DatasetSession::projection(data::pictures::Colours colours) const {
  return projections_[static_cast<std::size_t>(colours)];
}

void DatasetSession::close() {
  cancelOpening();
  openId_ = nextId_++;
  sourceId_ = sampleId_ = openId_;
  stopCheckUp();
  watch_.stop();
  source_.reset();
  checkUp_.reset();
  candidates_.clear();
  wishes_.clear();
  path_.clear();
  choice_ = {};
  QSettings().remove(kLastKey);
  Q_EMIT closed();
}

QString DatasetSession::displayName() const {
  if (path_.isEmpty()) return {};
  return path_ == kDemo ? tr("Demo data") : QFileInfo(path_).fileName();
}

QString DatasetSession::labelOf(qint64 sample) const {
  if (!source_ || sample < 0 || static_cast<std::size_t>(sample) >= source_->labels().size()) return {};
  return labelName(source_->labels()[static_cast<std::size_t>(sample)]);
}

QString DatasetSession::labelName(qint64 label) const {
  if (!source_) return {};
  const auto& names = source_->info().classNames;
  if (label >= 0 && static_cast<std::size_t>(label) < names.size()) {
    return QString::fromStdString(names[static_cast<std::size_t>(label)]);
  }
  return tr("label %1").arg(label);
}

QStringList DatasetSession::recentPaths() { return recentDatasets().existing(); }

QString DatasetSession::lastPath() { return QSettings().value(kLastKey).toString(); }

void DatasetSession::rememberPath() const {
  QSettings().setValue(kLastKey, path_ == kDemo ? kDemo : QFileInfo(path_).absoluteFilePath());
  if (path_ == kDemo) return;
  recentDatasets().add(path_);
  rememberChoice(path_, choice_);
}

void DatasetSession::wishPreviews(const QList<PreviewWish>& wishes) {
  wishes_ = wishes;
  wishes_.removeIf([this](const PreviewWish& wish) { return inFlight_.contains(wish); });
  startPreviewJob();
}

void DatasetSession::startPreviewJob() {
  if (!inFlight_.isEmpty() || !source_ || wishes_.isEmpty()) return;
  inFlight_ = wishes_.mid(0, kPreviewsPerJob);
  wishes_.remove(0, inFlight_.size());
  const quint64 id = sourceId_;
  runInPool(
      &pictures_, this, [batch = inFlight_, source = source_] { return readTiles(*source, batch); },
      [this, id, asked = inFlight_](const QList<PreviewTile>& tiles) {
        inFlight_.clear();
        for (qsizetype i = 0; i < tiles.size() && id == sourceId_; ++i) Q_EMIT previewReady(asked[i], tiles[i]);
        startPreviewJob();
      },
      [this, id](const JobFailure& failure) {
        inFlight_.clear();
        if (id != sourceId_) return startPreviewJob();
        wishes_.clear();  // the next one would fail the same way
        tellTrouble(failure.sentence, failure.remedy);
      });
}

void DatasetSession::takeChange(const QString& sentence) {
  const bool wasReading = isCheckingUp();
  stopCheckUp();
  tellTrouble(sentence, tr("Open it again to see what it holds now, or close it."));
  if (wasReading) Q_EMIT checkUpAbandoned();
}

void DatasetSession::tellTrouble(const QString& sentence, const QString& remedy) {
  if (std::exchange(troubleTold_, true)) return;  // one card, not a hundred
  Q_EMIT readFailed(sentence, remedy);
}

void DatasetSession::requestSample(qint64 sample, qint64 crop) {
  if (!source_) return;
  const quint64 id = sampleId_ = nextId_++;
  runInPool(
      &pictures_, this,
      [source = source_, sample, crop, range = quickLook_.histogram->range()] {
        return readSample(*source, sample, crop, range);
      },
      [this, id](const SampleValues& values) {
        if (id == sampleId_) Q_EMIT sampleReady(values);
      },
      [this, id](const JobFailure& failure) {
        if (id == sampleId_) tellTrouble(failure.sentence, failure.remedy);
      });
}

void DatasetSession::startCheckUp() {
  if (!source_) return;
  stopCheckUp();
  const quint64 id = checkUpId_ = nextId_++;
  auto stop = checkUpStop_ = std::make_shared<std::atomic<bool>>(false);
  const auto report = [self = QPointer<DatasetSession>(this), id](double fraction) {
    postTo(self, [self, id, fraction] {
      if (self->checkUpId_ == id) Q_EMIT self->checkUpProgress(fraction);
    });
  };
  runInBackground(
      this,
      [source = source_, range = quickLook_.histogram->range(), stop, report] {
        return std::make_shared<const CheckUp>(runCheckUp(*source, range, *stop, report));
      },
      [this, id](const std::shared_ptr<const CheckUp>& result) {
        if (id != checkUpId_) return;
        checkUpId_ = 0;
        checkUp_ = result;
        Q_EMIT checkUpDone();
      },
      [this, id](const JobFailure& failure) {
        if (id != checkUpId_) return;
        checkUpId_ = 0;
        tellTrouble(failure.sentence, failure.remedy);
      });
}

void DatasetSession::stopCheckUp() {
  if (checkUpStop_) checkUpStop_->store(true);
  checkUpStop_.reset();
  checkUpSoon_.stop();
  checkUpId_ = 0;
}

}  // namespace dw::ui
