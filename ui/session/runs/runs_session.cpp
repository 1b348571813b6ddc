// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/runs/runs_session.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/folder.h"
#include "run_folder/run_notes.h"
#include "run_library/run_actions.h"
#include "run_library/run_catalog.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

namespace fs = std::filesystem;
constexpr int kPollMs = 2000;

fs::path pathOf(const QString& text) { return fs::path(text.toStdString()); }
QString textOf(const fs::path& path) { return QString::fromStdString(path.string()); }

}  // namespace

/// The runs of a folder, with what was learnt about them at the looks before.
struct RunsSession::RunListing {
  explicit RunListing(const fs::path& runs) : catalog(runs) {}

  run_library::RunCatalog catalog;
  std::map<fs::path, run_library::RunSummary> summarized;  ///< curves that had to be read whole, by folder
  bool seen = false;
};

RunsSession::RunsSession(fs::path runs, QObject* parent)
    : QObject(parent), runs_(std::move(runs)), listing_(std::make_shared<RunListing>(runs_)) {
  timer_.setInterval(kPollMs);
  connect(&timer_, &QTimer::timeout, this, &RunsSession::refresh);
}

RunsSession::~RunsSession() = default;

QString RunsSession::folder() const { return textOf(runs_); }

const run_library::RunSummary* RunsSession::find(const QString& folder) const {
  const auto wanted = pathOf(folder);
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& run) { return run.folder == wanted; });
  return found == all_.end() ? nullptr : &*found;
}

void RunsSession::setWatching(bool watching) {
  if (!watching) return timer_.stop();
  if (timer_.isActive()) return;
  timer_.start();
  refresh();
}

/// A run whose trainer left no summary has a curve that must be read whole: one of them at each look, never at the first,
/// so that the list is there at once.
std::vector<run_library::RunSummary> RunsSession::look(RunListing& listing) {
  auto all = listing.catalog.list();
  bool mayRead = std::exchange(listing.seen, true);
  for (auto& run : all) {
    if (!run.curveUnread) continue;
    const auto known = listing.summarized.find(run.folder);
    if (known != listing.summarized.end() && known->second.stepsDone == run.stepsDone) {
      run.smoothedLoss = known->second.smoothedLoss;
      run.bestLoss = known->second.bestLoss;
      run.bestStep = known->second.bestStep;
      continue;
    }
    if (!mayRead || run_folder::isLive(run.state)) continue;
    mayRead = false;
    try {
      run_library::summarizeCurve(run);
    } catch (const Error&) {
      // The list shows the run without these two figures; `missing` names damage that it found itself.
    }
    listing.summarized.insert_or_assign(run.folder, run);
  }
  return all;
}

void RunsSession::refresh() {
  if (looking_) {
    again_ = true;  // what changed since the look began must not be missed
    return;
  }
  looking_ = true;
  const auto ended = [this] {
    looking_ = false;
    listed_ = true;
    Q_EMIT listed();
    if (std::exchange(again_, false)) refresh();
  };
  runInBackground(
      this, [listing = listing_] { return look(*listing); },
      [this, ended](const std::vector<run_library::RunSummary>& all) {
        all_ = all;
        lastFailure_.clear();
        ended();
      },
      [this, ended](const JobFailure& failure) {
        all_.clear();
        if (std::exchange(lastFailure_, failure.sentence) != failure.sentence)
          Q_EMIT failed(failure.sentence, failure.remedy);
        ended();
      });
}

template <typename Work, typename Done>
void RunsSession::act(Work work, Done done) {
  runInBackground(
      this, std::move(work),
      [this, done = std::move(done)](const auto& result) {
        done(result);
        refresh();
      },
      [this](const JobFailure& failure) {
        Q_EMIT failed(failure.sentence, failure.remedy);
        refresh();
      });
}

void RunsSession::rename(const QString& folder, const QString& name) {
  act([folder, name] { return textOf(run_library::renameRun(pathOf(folder), name.toStdString())); },
      [this, folder](const QString& now) { Q_EMIT renamed(folder, now); });
}

void RunsSession::setNote(const QString& folder, const QString& note) {
  act(
      [folder, note] {
        run_folder::setNote(pathOf(folder), note.toStdString());
        return true;
      },
      [](bool) {});
}

void RunsSession::setArchived(const QString& folder, bool archived) {
  act(
      [folder, archived] {
        run_folder::setArchived(pathOf(folder), archived);
        return true;
      },
      [](bool) {});
}

void RunsSession::moveToTrash(const QString& folder) {
  act(
      [folder] {
        auto gone = run_library::moveToTrash(pathOf(folder));
        gone.bytes = bytesOfFiles(gone.folder);
        return gone;
      },
      [this](const run_library::TrashedRun& gone) {
        Q_EMIT trashed(QString::fromStdString(gone.name), textOf(gone.folder), gone.bytes);
      });
}

void RunsSession::restore(const QString& trashedFolder) {
  act([trashedFolder] { return textOf(run_library::restoreFromTrash(pathOf(trashedFolder))); },
      [this](const QString& folder) { Q_EMIT restored(folder); });
}

void RunsSession::readTrash() {
  runInBackground(
      this, [folder = runs_] { return run_library::listTrash(folder); },
      [this](const std::vector<run_library::TrashedRun>& all) { Q_EMIT trashRead(all); },
      [this](const JobFailure& failure) { Q_EMIT failed(failure.sentence, failure.remedy); });
}

}  // namespace dw::ui
