// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "run_library/run_summary.h"
#include "run_library/trash.h"

namespace dw::ui {

/// The runs of one folder as the window sees them, and what may be done with them at once (rename, note, archive, trash).
/// Lives in the GUI thread; every look at the disk runs on the thread pool. What takes long: run_transfer.h; the curve of
/// one run: run_watch.h.
class RunsSession : public QObject {
  Q_OBJECT

 public:
  explicit RunsSession(std::filesystem::path runs, QObject* parent = nullptr);
  ~RunsSession() override;

  QString folder() const;
  /// Newest first; archived and broken ones too.
  const std::vector<run_library::RunSummary>& all() const { return all_; }
  /// The run in that folder; null if it is not in the list.
  const run_library::RunSummary* find(const QString& folder) const;
  /// False until the folder has been read for the first time.
  bool isListed() const { return listed_; }

  /// Reads the list every two seconds as long as somebody watches.
  void setWatching(bool watching);
  /// Reads the list now.
  void refresh();

  void rename(const QString& folder, const QString& name);
  void setNote(const QString& folder, const QString& note);
  void setArchived(const QString& folder, bool archived);
  /// Answer: trashed.
  void moveToTrash(const QString& folder);
  /// Takes back a moveToTrash. Answer: restored.
  void restore(const QString& trashed);
  /// Looks what lies in the trash, with sizes. Answer: trashRead.
  void readTrash();

 Q_SIGNALS:
  /// all() is new; it may say the same as before.
  void listed();
  void renamed(const QString& from, const QString& to);
  void trashed(const QString& name, const QString& trashedFolder, qulonglong bytes);
  void restored(const QString& folder);
  /// Newest first.
  void trashRead(const std::vector<dw::run_library::TrashedRun>& all);
  void failed(const QString& sentence, const QString& remedy);

 private:
  struct RunListing;
  static std::vector<run_library::RunSummary> look(RunListing& listing);
  template <typename Work, typename Done>
  void act(Work work, Done done);

  std::filesystem::path runs_;
  std::shared_ptr<RunListing> listing_;  ///< used by one job at a time
  std::vector<run_library::RunSummary> all_;
  QTimer timer_;
  QString lastFailure_;  ///< of listing: said once, not every two seconds
  bool listed_ = false, looking_ = false, again_ = false;
};

}  // namespace dw::ui
