// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset_session.h"

#include <QFileInfo>
#include <QSettings>

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

std::shared_ptr<const data::LatentSource> openFile(const QString& path) {
  return data::openSource(path == kDemo ? std::filesystem::path("demo") : std::filesystem::path(path.toStdString()));
}
}  // namespace

/// What opening yields in the background.
struct DatasetSession::Opened {
  std::shared_ptr<const data::LatentSource> source;
  std::shared_ptr<const PreviewMaker> maker;
  QuickLook quickLook;
};

DatasetSession::DatasetSession(QObject* parent, Opener opener)
    : QObject(parent), opener_(opener ? std::move(opener) : Opener(openFile)) {}

DatasetSession::~DatasetSession() { stopCheckUp(); }

void DatasetSession::open(const QString& path) {
  const quint64 id = openId_ = nextId_++;
  opening_ = true;
  Q_EMIT opening(path);
  runInBackground(
      this,
      [path, opener = opener_] {
        auto result = std::make_shared<Opened>();
        result->source = opener(path);
        result->quickLook = takeQuickLook(*result->source);
        result->maker = std::make_shared<PreviewMaker>(result->source, result->quickLook.limit);
        return result;
      },
      [this, id, path](const std::shared_ptr<Opened>& result) {
        if (id != openId_) return;
        stopCheckUp();
        path_ = path;
        source_ = result->source;
        maker_ = result->maker;
        quickLook_ = result->quickLook;
        checkUp_.reset();
        wishes_.clear();
        sourceId_ = sampleId_ = id;
        opening_ = false;
        rememberPath();
        Q_EMIT opened();
        startCheckUp();
      },
      [this, id](const JobFailure& failure) {
        if (id != openId_) return;
        opening_ = false;
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

void DatasetSession::close() {
  openId_ = nextId_++;
  sourceId_ = sampleId_ = openId_;
  opening_ = false;
  stopCheckUp();
  source_.reset();
  maker_.reset();
  checkUp_.reset();
  wishes_.clear();
  path_.clear();
  QSettings().remove(kLastKey);
  Q_EMIT closed();
}

QString DatasetSession::displayName() const {
  if (path_.isEmpty()) return {};
  return path_ == kDemo ? tr("Demo data") : QFileInfo(path_).fileName();
}

QString DatasetSession::labelOf(qint64 sample) const {
  if (!source_ || sample < 0 || static_cast<std::size_t>(sample) >= source_->labels().size()) return {};
  const auto label = source_->labels()[static_cast<std::size_t>(sample)];
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
  if (path_ != kDemo) recentDatasets().add(path_);
}

void DatasetSession::wishPreviews(const QList<PreviewWish>& wishes) {
  wishes_ = wishes;
  wishes_.removeIf([this](const PreviewWish& wish) { return inFlight_.contains(wish); });
  startPreviewJob();
}

void DatasetSession::startPreviewJob() {
  if (!inFlight_.isEmpty() || !maker_ || wishes_.isEmpty()) return;
  using Made = QList<std::pair<PreviewWish, PreviewPixels>>;
  inFlight_ = wishes_.mid(0, kPreviewsPerJob);
  wishes_.remove(0, inFlight_.size());
  const quint64 id = sourceId_;
  runInBackground(
      this,
      [batch = inFlight_, maker = maker_] {
        Made made;
        for (const auto& wish : batch) made.append({wish, maker->make(wish)});
        return made;
      },
      [this, id](const Made& made) {
        inFlight_.clear();
        if (id == sourceId_) {
          for (const auto& [wish, pixels] : made) Q_EMIT previewReady(wish, pixels);
        }
        startPreviewJob();
      },
      [this, id](const JobFailure& failure) {
        inFlight_.clear();
        if (id != sourceId_) return startPreviewJob();
        wishes_.clear();  // the next one would fail the same way: one card, not a hundred
        Q_EMIT readFailed(failure.sentence, failure.remedy);
      });
}

void DatasetSession::requestSample(qint64 sample, qint64 crop, float limit) {
  if (!maker_) return;
  const quint64 id = sampleId_ = nextId_++;
  runInBackground(
      this, [maker = maker_, sample, crop, limit] { return maker->makeSample(sample, crop, limit); },
      [this, id](const SampleValues& values) {
        if (id == sampleId_) Q_EMIT sampleReady(values);
      },
      [this, id](const JobFailure& failure) {
        if (id == sampleId_) Q_EMIT readFailed(failure.sentence, failure.remedy);
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
      this, [source = source_, stop, report] { return std::make_shared<const CheckUp>(runCheckUp(*source, *stop, report)); },
      [this, id](const std::shared_ptr<const CheckUp>& result) {
        if (id != checkUpId_) return;
        checkUpId_ = 0;
        checkUp_ = result;
        Q_EMIT checkUpDone();
      },
      [this, id](const JobFailure& failure) {
        if (id != checkUpId_) return;
        checkUpId_ = 0;
        Q_EMIT readFailed(failure.sentence, failure.remedy);
      });
}

void DatasetSession::stopCheckUp() {
  if (checkUpStop_) checkUpStop_->store(true);
  checkUpStop_.reset();
  checkUpId_ = 0;
}

}  // namespace dw::ui
