// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/run_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <cmath>

#include "numbers/number_text.h"
#include "session/runs/run_watch.h"

namespace dw::ui {
namespace {

struct Text {
  Q_DECLARE_TR_FUNCTIONS(RunText)
};

}  // namespace

QString stateText(run_folder::RunState state, bool ofThisProgram) {
  using run_folder::RunState;
  switch (state) {
    case RunState::Training: return ofThisProgram ? Text::tr("Training here") : Text::tr("Training elsewhere");
    case RunState::Paused: return ofThisProgram ? Text::tr("Paused here") : Text::tr("Paused elsewhere");
    case RunState::Finished: return Text::tr("Finished");
    case RunState::Stopped: return Text::tr("Stopped");
    case RunState::Failed: return Text::tr("Failed");
    case RunState::Interrupted: return Text::tr("Interrupted");
    case RunState::Damaged: return Text::tr("Damaged");
    case RunState::NewerFormat: return Text::tr("Newer format");
    case RunState::Incomplete: return Text::tr("Incomplete");
  }
  return {};
}

QString stateExplained(run_folder::RunState state, bool ofThisProgram) {
  using run_folder::RunState;
  switch (state) {
    case RunState::Training:
    case RunState::Paused:
      return ofThisProgram
                 ? Text::tr("This program trains it; see the Train page.")
                 : Text::tr("Another program trains it. It is shown as it grows, and cannot be changed from here.");
    case RunState::Finished: return Text::tr("It did all its steps.");
    case RunState::Stopped: return Text::tr("It was stopped before its last step and can go on from there.");
    case RunState::Failed: return Text::tr("An error ended it. It can go on from its newest good checkpoint.");
    case RunState::Interrupted:
      return Text::tr(
          "Its program ended without a word: killed, or the power failed. It can go on from its newest good checkpoint.");
    case RunState::Damaged: return Text::tr("Files that it needs cannot be read.");
    case RunState::NewerFormat:
      return Text::tr("A newer version of this program wrote it. Use that version to go on with it.");
    case RunState::Incomplete: return Text::tr("Files are missing, as after a copy that was not completed.");
  }
  return {};
}

run_folder::RunState newestState(const run_library::RunSummary& run, const RunWatch* watch) {
  if (watch == nullptr || !watch->isRead()) return run.state;
  // The watch looks oftener; but that files are missing or damaged only the list knows.
  return run_folder::isLive(run.state) || run_folder::isLive(watch->state()) ? watch->state() : run.state;
}

QString sizeText(std::optional<std::uint64_t> bytes) {
  if (!bytes) return QStringLiteral("…");
  return sizeText(*bytes);
}

QString lossText(const std::optional<double>& loss) {
  if (!loss) return QStringLiteral("-");
  const double size = std::abs(*loss);
  return size != 0.0 && (size < 1e-3 || size >= 1e4) ? QLocale().toString(*loss, 'e', 2)
                                                     : QLocale().toString(*loss, 'f', 4);
}

QString dateText(std::int64_t seconds) {
  if (seconds <= 0) return QStringLiteral("-");
  return QDateTime::fromSecsSinceEpoch(seconds).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString datasetText(const std::string& dataset) {
  if (dataset.empty()) return QStringLiteral("-");
  if (dataset == "demo") return Text::tr("Demo data");
  const auto path = QString::fromStdString(dataset);
  return path.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty);
}

QString stepsText(std::int64_t done, std::int64_t planned) {
  return planned > 0 ? Text::tr("%1 of %2").arg(count(done), count(planned)) : count(done);
}

}  // namespace dw::ui
