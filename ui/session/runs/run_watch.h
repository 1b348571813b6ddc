// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <vector>

#include "run_folder/checkpoint_folder.h"
#include "run_folder/run_state.h"
#include "session/training/metrics_history.h"

namespace dw::ui {

/// A checkpoint as a list shows it.
struct CheckpointRow {
  run_folder::CheckpointInfo info;
  QByteArray preview;  ///< bytes of preview.png, from a file of anybody; empty if there is none or it is too large
};

/// One run as it is and as it grows, whoever trains it: its curve, its state, its checkpoints. Lives in the GUI thread,
/// reads on the thread pool only, and writes nothing but pins. Begins to read at once; stops when it is deleted.
class RunWatch : public QObject {
  Q_OBJECT

 public:
  explicit RunWatch(const QString& folder, QObject* parent = nullptr);
  ~RunWatch() override;

  QString folder() const { return folder_; }
  const MetricsHistory& history() const { return history_; }
  /// False until everything that stood in the run at the beginning has been read.
  bool isRead() const { return read_; }
  run_folder::RunState state() const { return state_; }
  /// Another program trains it now: "process 4711", "process 4711 on gpu-box". Empty if not.
  QString trainedElsewhere() const { return elsewhere_; }
  /// What of the curve cannot be read, in a sentence; empty = nothing.
  QString trouble() const { return trouble_; }
  /// Oldest first, the damaged ones too.
  const std::vector<CheckpointRow>& checkpoints() const { return checkpoints_; }
  void setPinned(qint64 step, bool pinned);

  /// Polls seldom while nobody sees it.
  void setVisible(bool visible);

 Q_SIGNALS:
  /// history() from this index on is new.
  void grown(qulonglong from);
  /// history() is another one from its beginning on.
  void rewritten();
  void stateChanged();
  void checkpointsChanged();
  void failed(const QString& sentence, const QString& remedy);

 private:
  struct Reader;
  struct News;
  static News read(Reader& reader);
  void poll();
  void take(const News& news);
  void pace();

  QString folder_;
  std::shared_ptr<Reader> reader_;  ///< used by one job at a time
  MetricsHistory history_;
  std::vector<CheckpointRow> checkpoints_;
  run_folder::RunState state_ = run_folder::RunState::Interrupted;
  QString elsewhere_, trouble_;
  QTimer timer_;
  bool read_ = false, reading_ = false, visible_ = true, wantCheckpoints_ = true;
};

}  // namespace dw::ui
