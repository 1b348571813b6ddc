// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/runs/run_watch.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/file.h"
#include "run_folder/checkpoint_store.h"
#include "run_library/run_follower.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

namespace fs = std::filesystem;

constexpr int kLiveMs = 250;
constexpr int kRestingMs = 1000;
constexpr int kUnseenMs = 5000;
// state.json of every checkpoint is read: without news of them, less often than the curve
constexpr int kCheckpointPolls = 8;
constexpr std::uint64_t kLargestPreview = 4U << 20;

QByteArray previewOf(const run_folder::CheckpointInfo& info) {
  if (!info.preview) return {};
  const ReadFile file(info.folder / "preview.png");
  if (file.size() == 0 || file.size() > kLargestPreview) return {};
  QByteArray bytes(static_cast<qsizetype>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
  return bytes;
}

bool same(const CheckpointRow& a, const CheckpointRow& b) {
  return a.info.folder == b.info.folder && a.info.savedAt == b.info.savedAt && a.info.pinned == b.info.pinned &&
         a.info.best == b.info.best && a.info.bytes == b.info.bytes && a.info.damage == b.info.damage &&
         a.preview == b.preview;
}

std::vector<CheckpointRow> readCheckpoints(const fs::path& run) {
  std::vector<CheckpointRow> rows;
  for (auto& info : run_folder::CheckpointStore(run / "checkpoints").listAll()) {
    QByteArray preview;
    try {
      preview = previewOf(info);
    } catch (const Error&) {
      // A picture that cannot be read is no reason to hide its checkpoint.
    }
    rows.push_back({std::move(info), std::move(preview)});
  }
  return rows;
}

/// Whether this line says that there are other checkpoints now.
bool tellsOfCheckpoints(const run_folder::LogLine& line) {
  return line.event && (std::holds_alternative<messages::CheckpointSaved>(*line.event) ||
                        std::holds_alternative<messages::WentBack>(*line.event));
}

QString trainerText(const run_library::RunFollower& run) {
  const auto& trainer = run.trainer();
  if (!run_folder::isLive(run.state()) || trainer.ofThisProcess) return {};
  if (trainer.process == 0) return RunWatch::tr("another process");
  if (trainer.host.empty()) return RunWatch::tr("process %1").arg(trainer.process);
  return RunWatch::tr("process %1 on %2").arg(trainer.process).arg(QString::fromStdString(trainer.host));
}

}  // namespace

struct RunWatch::Reader {
  explicit Reader(const fs::path& folder) : run(folder), follower(folder) {}
  fs::path run;
  run_library::RunFollower follower;
  int polls = 0;
  bool wantCheckpoints = true;
};

/// What one job brings; columns rather than records, so that a million steps weigh 28 MB and not 250.
struct RunWatch::News {
  std::optional<std::int64_t> rewindTo;
  MetricsHistory steps;
  std::optional<std::vector<CheckpointRow>> checkpoints;
  run_folder::RunState state = run_folder::RunState::Interrupted;
  QString elsewhere, trouble;
};

RunWatch::RunWatch(const QString& folder, QObject* parent)
    : QObject(parent), folder_(folder), reader_(std::make_shared<Reader>(fs::path(folder.toStdString()))) {
  connect(&timer_, &QTimer::timeout, this, &RunWatch::poll);
  pace();
  poll();
}

RunWatch::~RunWatch() = default;

void RunWatch::pace() {
  const int wanted = !visible_ ? kUnseenMs : run_folder::isLive(state_) ? kLiveMs : kRestingMs;
  if (!timer_.isActive() || timer_.interval() != wanted) timer_.start(wanted);
}

void RunWatch::setVisible(bool visible) {
  if (visible_ == visible) return;
  visible_ = visible;
  pace();
  if (visible) poll();
}

RunWatch::News RunWatch::read(Reader& reader) {
  News news;
  run_library::FollowerUpdate update;
  const bool asked = std::exchange(reader.wantCheckpoints, false);
  bool look = reader.polls++ % kCheckpointPolls == 0 || asked;
  do {
    update = reader.follower.poll();
    if (update.rewindTo) {
      news.steps.dropFrom(*update.rewindTo);
      news.rewindTo = std::min(*update.rewindTo, news.rewindTo.value_or(*update.rewindTo));
    }
    news.steps.append(update.steps);
    look = look || update.stateChanged || std::ranges::any_of(update.log, tellsOfCheckpoints);
  } while (update.more);
  news.state = reader.follower.state();
  news.elsewhere = trainerText(reader.follower);
  news.trouble = QString::fromStdString(reader.follower.trouble());
  if (look) news.checkpoints = readCheckpoints(reader.run);
  return news;
}

void RunWatch::poll() {
  if (reading_) return;
  reading_ = true;
  reader_->wantCheckpoints = std::exchange(wantCheckpoints_, false);
  runInBackground(
      this, [reader = reader_] { return read(*reader); }, [this](const News& news) { take(news); },
      [this](const JobFailure& failure) {
        reading_ = false;
        trouble_ = failure.sentence;
        Q_EMIT stateChanged();
      });
}

void RunWatch::take(const News& news) {
  reading_ = false;
  const bool first = !std::exchange(read_, true);
  const auto before = history_.size();
  if (news.rewindTo) history_.dropFrom(*news.rewindTo);
  const bool shortened = history_.size() < before;
  const auto from = history_.size();
  history_.append(news.steps);
  if (first || shortened) {
    Q_EMIT rewritten();
  } else if (history_.size() > from) {
    Q_EMIT grown(from);
  }
  if (first || news.state != state_ || news.elsewhere != elsewhere_ || news.trouble != trouble_) {
    state_ = news.state;
    elsewhere_ = news.elsewhere;
    trouble_ = news.trouble;
    Q_EMIT stateChanged();
  }
  if (news.checkpoints && (first || !std::equal(news.checkpoints->begin(), news.checkpoints->end(),
                                                checkpoints_.begin(), checkpoints_.end(), same))) {
    checkpoints_ = *news.checkpoints;
    Q_EMIT checkpointsChanged();
  }
  pace();
  if (wantCheckpoints_) poll();
}

void RunWatch::setPinned(qint64 step, bool pinned) {
  const auto again = [this] {
    wantCheckpoints_ = true;
    poll();
  };
  runInBackground(
      this,
      [run = reader_->run, step, pinned] {
        run_folder::CheckpointStore(run / "checkpoints").setPinned(step, pinned);
        return true;
      },
      [again](bool) { again(); },
      [this, again](const JobFailure& failure) {
        Q_EMIT failed(failure.sentence, failure.remedy);
        again();
      });
}

}  // namespace dw::ui
