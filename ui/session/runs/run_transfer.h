// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "run_folder/checkpoint_folder.h"
#include "run_library/metrics_export.h"
#include "run_library/trash.h"
#include "weights/weight_export.h"

namespace dw::ui {

/// What takes long with a run: writing it as one file, its weights, its curves as CSV or for TensorBoard, reading one in,
/// reading every checkpoint again, deleting for good. One at a time, on the thread pool, with progress; may be cancelled, and then leaves nothing behind.
class RunTransfer : public QObject {
  Q_OBJECT

 public:
  enum class Verdict { Unknown, Good, Damaged };

  explicit RunTransfer(QObject* parent = nullptr);
  ~RunTransfer() override;

  bool isBusy() const { return cancel_ != nullptr; }
  /// In words, while it is busy: "Writing quick-1 as one file".
  QString activity() const { return activity_; }
  void cancel();

  // Each does nothing while it is busy.
  void exportRun(const QString& run, const QString& file);
  void exportCsv(const QString& run, const QString& file);
  void exportTensorBoard(const QString& run, const QString& folder);
  void exportWeights(const QString& checkpoint, const weights::WeightExport& how, const QString& file);
  void importRun(const QString& file, const QString& runs);
  void deleteForGood(const std::vector<run_library::TrashedRun>& trashed);
  /// Reads every checkpoint of the run and compares it with its hashes.
  void verify(const QString& run);

  /// What verify() found, since the program began, about the checkpoint as it is.
  Verdict verdict(const run_folder::CheckpointInfo& checkpoint) const;
  /// What is wrong with one that is Damaged.
  QString damageOf(const run_folder::CheckpointInfo& checkpoint) const;

 Q_SIGNALS:
  void started(const QString& activity);
  void progressed(double fraction);
  /// Done in the end, cancelled or failed.
  void ended();
  /// What came of it, what was left out (may be empty), and the file or folder that it made (may be empty).
  void done(const QString& sentence, const QStringList& leftOut, const QString& path);
  void imported(const QString& folder);
  void verdictsChanged();
  void failed(const QString& sentence, const QString& remedy);

 private:
  struct Outcome {
    bool cancelled = false;
    QString sentence, path;
    QStringList leftOut;
    QString imported;
    QHash<QString, QString> damages;  ///< of checkpoints, by key; empty text = good
  };
  using Work = std::function<Outcome(const run_library::ShouldContinue&)>;
  void start(const QString& activity, Work work);
  void finish(const Outcome& outcome);

  std::shared_ptr<std::atomic<bool>> cancel_;  ///< null: not busy
  QString activity_;
  QHash<QString, QString> verdicts_;
};

}  // namespace dw::ui
