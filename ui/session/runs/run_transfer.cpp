// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/runs/run_transfer.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QLocale>
#include <utility>

#include "numbers/number_text.h"
#include "run_folder/checkpoint_store.h"
#include "run_library/run_archive.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

namespace fs = std::filesystem;
constexpr int kReportMs = 50;

fs::path pathOf(const QString& text) { return fs::path(text.toStdString()); }
QString textOf(const fs::path& path) { return QString::fromStdString(path.string()); }
QString nameOf(const QString& path) { return QFileInfo(path).fileName(); }

/// A checkpoint that was saved anew at the same step is another one.
QString keyOf(const run_folder::CheckpointInfo& info) {
  return textOf(info.folder) + QLatin1Char('|') + QString::number(info.savedAt);
}

QStringList linesOf(const std::vector<std::string>& sentences) {
  QStringList lines;
  for (const auto& sentence : sentences) lines.append(QString::fromStdString(sentence));
  return lines;
}

/// Empty: every byte is as it was written.
QString damageIn(const run_folder::CheckpointInfo& info) {
  try {
    run_folder::verify(info.folder);
    return {};
  } catch (const Error& error) {
    return QString::fromStdString(error.what());
  }
}

}  // namespace

RunTransfer::RunTransfer(QObject* parent) : QObject(parent) {}

RunTransfer::~RunTransfer() { cancel(); }

void RunTransfer::cancel() {
  if (cancel_) cancel_->store(true);
}

void RunTransfer::start(const QString& activity, Work work) {
  if (isBusy()) return;
  cancel_ = std::make_shared<std::atomic<bool>>(false);
  activity_ = activity;
  Q_EMIT started(activity);
  const run_library::ShouldContinue shouldContinue = [self = QPointer<RunTransfer>(this), cancel = cancel_,
                                                      timer = std::make_shared<QElapsedTimer>()](double fraction) {
    if (!timer->isValid() || timer->elapsed() >= kReportMs) {
      timer->start();
      postTo(self, [self, fraction] { Q_EMIT self->progressed(fraction); });
    }
    return !cancel->load();
  };
  runInBackground(
      this, [work = std::move(work), shouldContinue] { return work(shouldContinue); },
      [this](const Outcome& outcome) { finish(outcome); },
      [this](const JobFailure& failure) {
        cancel_.reset();
        Q_EMIT ended();
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

void RunTransfer::finish(const Outcome& outcome) {
  cancel_.reset();
  verdicts_.insert(outcome.damages);
  if (!outcome.damages.isEmpty()) Q_EMIT verdictsChanged();
  Q_EMIT ended();
  if (outcome.cancelled) return;
  if (!outcome.imported.isEmpty()) Q_EMIT imported(outcome.imported);
  Q_EMIT done(outcome.sentence, outcome.leftOut, outcome.path);
}

void RunTransfer::exportRun(const QString& run, const QString& file) {
  start(tr("Writing %1 as one file").arg(nameOf(run)), [run, file](const run_library::ShouldContinue& shouldContinue) {
    const auto made = run_library::exportRun(pathOf(run), pathOf(file), shouldContinue);
    return Outcome{.cancelled = made.cancelled,
                   .sentence = tr("%1 is in the file %2.").arg(nameOf(run), file),
                   .path = textOf(made.path),
                   .leftOut = linesOf(made.leftOut),
                   .imported = {},
                   .damages = {}};
  });
}

void RunTransfer::exportCsv(const QString& run, const QString& file) {
  start(tr("Writing the curves of %1 as CSV").arg(nameOf(run)),
        [run, file](const run_library::ShouldContinue& shouldContinue) {
          const bool whole = run_library::exportCsv(pathOf(run), pathOf(file), shouldContinue);
          return Outcome{.cancelled = !whole,
                         .sentence = tr("The curves of %1 are in the file %2.").arg(nameOf(run), file),
                         .path = file,
                         .leftOut = {},
                         .imported = {},
                         .damages = {}};
        });
}

void RunTransfer::exportTensorBoard(const QString& run, const QString& folder) {
  start(tr("Writing the curves of %1 for TensorBoard").arg(nameOf(run)),
        [run, folder](const run_library::ShouldContinue& shouldContinue) {
          const bool whole = run_library::exportTensorBoard(pathOf(run), pathOf(folder), shouldContinue);
          return Outcome{.cancelled = !whole,
                         .sentence = tr("TensorBoard can read the curves of %1 in %2.").arg(nameOf(run), folder),
                         .path = folder,
                         .leftOut = {},
                         .imported = {},
                         .damages = {}};
        });
}

void RunTransfer::exportWeights(const QString& checkpoint, const weights::WeightExport& how, const QString& file) {
  start(tr("Writing the weights of %1").arg(nameOf(checkpoint)),
        [checkpoint, how, file](const run_library::ShouldContinue& shouldContinue) {
          const bool whole = weights::exportWeights(pathOf(checkpoint), how, pathOf(file), shouldContinue);
          return Outcome{.cancelled = !whole,
                         .sentence = tr("The weights of %1 are in the file %2.").arg(nameOf(checkpoint), file),
                         .path = file,
                         .leftOut = {},
                         .imported = {},
                         .damages = {}};
        });
}

void RunTransfer::deleteForGood(const std::vector<run_library::TrashedRun>& trashed) {
  start(tr("Deleting %n runs for good", nullptr, static_cast<int>(trashed.size())),
        [trashed](const run_library::ShouldContinue& shouldContinue) {
          const auto freed = run_library::deleteForGood(trashed, shouldContinue);
          return Outcome{.cancelled = false,
                         .sentence = tr("%1 are free again.").arg(sizeText(freed)),
                         .path = {},
                         .leftOut = {},
                         .imported = {},
                         .damages = {}};
        });
}

void RunTransfer::importRun(const QString& file, const QString& runsFolder) {
  start(tr("Reading the run in %1").arg(nameOf(file)),
        [file, runsFolder](const run_library::ShouldContinue& shouldContinue) {
          const auto made = run_library::importRun(pathOf(file), pathOf(runsFolder), shouldContinue);
          return Outcome{.cancelled = made.cancelled,
                         .sentence = tr("%1 is in the list now.").arg(textOf(made.path.filename())),
                         .path = textOf(made.path),
                         .leftOut = linesOf(made.leftOut),
                         .imported = textOf(made.path),
                         .damages = {}};
        });
}

void RunTransfer::verify(const QString& run) {
  start(tr("Reading every checkpoint of %1 again").arg(nameOf(run)),
        [run](const run_library::ShouldContinue& shouldContinue) {
          Outcome outcome;
          const auto all = run_folder::CheckpointStore(pathOf(run) / "checkpoints").listAll();
          int good = 0, count = 0;
          for (std::size_t i = 0; i < all.size(); ++i) {
            if (!shouldContinue(static_cast<double>(i) / static_cast<double>(all.size()))) {
              outcome.cancelled = true;
              return outcome;
            }
            const auto damage = damageIn(all[i]);
            std::error_code hidden;
            // pruned by its trainer since it was listed
            if (!damage.isEmpty() && !fs::exists(all[i].folder, hidden)) continue;
            ++count;
            outcome.damages.insert(keyOf(all[i]), damage);
            if (damage.isEmpty())
              ++good;
            else
              outcome.leftOut.append(damage);
          }
          outcome.sentence =
              good == count ? tr("All %n checkpoints are as they were written.", nullptr, count)
                            : tr("%1 of %2 checkpoints are as they were written.", nullptr, count).arg(good).arg(count);
          return outcome;
        });
}

RunTransfer::Verdict RunTransfer::verdict(const run_folder::CheckpointInfo& checkpoint) const {
  const auto found = verdicts_.constFind(keyOf(checkpoint));
  if (found == verdicts_.constEnd()) return Verdict::Unknown;
  return found->isEmpty() ? Verdict::Good : Verdict::Damaged;
}

QString RunTransfer::damageOf(const run_folder::CheckpointInfo& checkpoint) const {
  return verdicts_.value(keyOf(checkpoint));
}

}  // namespace dw::ui
