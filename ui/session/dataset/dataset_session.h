// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QStringList>
#include <QThreadPool>
#include <QTimer>
#include <memory>
#include <optional>

#include "data/pictures/rgb_projection.h"
#include "session/dataset/check_up.h"
#include "session/dataset/dataset_opening.h"
#include "session/file_watch.h"

namespace dw::ui {

/// The dataset that is open in the window. Lives in the GUI thread; every read runs on a thread pool, and an answer to
/// a question that is no longer asked is dropped. Panels share it; they never read files themselves.
class DatasetSession : public QObject {
  Q_OBJECT

 public:
  using Opener = DatasetOpener;

  /// opener: how a path becomes a source; tests bring their own. Empty = data::openSource.
  explicit DatasetSession(QObject* parent = nullptr, Opener opener = {});
  ~DatasetSession() override;

  /// Opens a dataset file, or the word "demo", in the background. A later call wins over an earlier one. The open
  /// dataset stays until the new one is there. choice: which array and which axes; none = as last time, else as the file
  /// suggests.
  void open(const QString& path, const std::optional<DatasetChoice>& choice = {});
  /// The same file with the same choice again: it has changed.
  void reopen();
  void cancelOpening();
  void close();

  /// The open dataset; null while there is none.
  std::shared_ptr<const data::LatentSource> source() const { return source_; }
  bool isOpen() const { return source_ != nullptr; }
  bool isOpening() const { return opening_; }
  /// What open() was given for the open dataset: "demo" or a path. Empty while there is none.
  QString path() const { return path_; }
  const DatasetChoice& choice() const { return choice_; }
  /// A name for people: the file's name, or "Demo data".
  QString displayName() const;
  /// What a sample is: "circle", "label 3", or nothing where the data has no labels.
  QString labelOf(qint64 sample) const;
  QString labelName(qint64 label) const;
  /// Quick facts from a few samples, there as soon as the dataset is open.
  const QuickLook& quickLook() const { return quickLook_; }
  /// Arrays of the open file; empty until candidatesReady, and where there is but one.
  const std::vector<data::sources::Candidate>& candidates() const { return candidates_; }
  /// Latent to colours. Fitted ones are there after projectionReady, a stand-in before.
  const data::pictures::RgbProjection& projection(data::pictures::Colours colours) const;

  /// Newest first, from earlier sessions too; "demo" is not listed.
  static QStringList recentPaths();
  /// The dataset that was open last, "demo" included; empty if none.
  static QString lastPath();

  /// The previews that are wanted now, most urgent first. Replaces earlier wishes: what is not wished any more is not
  /// read. Answers: previewReady, in any order.
  void wishPreviews(const QList<PreviewWish>& wishes);
  /// All values of one crop of one sample. A later call wins. Answer: sampleReady.
  void requestSample(qint64 sample, qint64 crop);
  /// Reads the whole dataset in the background: checkUpProgress, then checkUpDone. Opening starts it by itself, a moment
  /// later, so that the first pictures have the disk for themselves.
  void startCheckUp();
  void stopCheckUp();
  bool isCheckingUp() const { return checkUpId_ != 0 || checkUpSoon_.isActive(); }
  /// The finished check-up; null before.
  std::shared_ptr<const CheckUp> checkUp() const { return checkUp_; }

 Q_SIGNALS:
  void opening(const QString& path);
  /// Packed data is unpacked, which is done once.
  void openingProgress(const QString& activity, double fraction);
  void openingCancelled();
  void opened();
  void failed(const QString& sentence, const QString& remedy);
  /// The file holds several arrays: open() again with one of them.
  void choiceNeeded(const QString& path, const QString& sentence,
                    const std::vector<dw::data::sources::Candidate>& candidates);
  void closed();
  void candidatesReady();
  void projectionReady();
  void previewReady(const dw::ui::PreviewWish& wish, const dw::ui::PreviewTile& tile);
  void sampleReady(const dw::ui::SampleValues& values);
  /// The open dataset cannot be read any more, or changed: told once for each opening.
  void readFailed(const QString& sentence, const QString& remedy);
  void checkUpProgress(double fraction);
  void checkUpDone();
  /// The file changed while it was read: figures of half the old and half the new would be of neither.
  void checkUpAbandoned();

 private:
  void takeOpened(quint64 id, const QString& path, const OpeningResult& result);
  void takeChange(const QString& sentence);
  void lookFurther();
  void startPreviewJob();
  void tellTrouble(const QString& sentence, const QString& remedy);
  void rememberPath() const;

  Opener opener_;
  std::shared_ptr<const data::LatentSource> source_;
  QuickLook quickLook_;
  std::shared_ptr<const CheckUp> checkUp_;
  QString path_;
  DatasetChoice choice_;
  std::vector<data::sources::Candidate> candidates_;
  std::vector<data::pictures::RgbProjection> projections_;  // by Colours
  FileWatch watch_;
  QList<PreviewWish> wishes_;
  QList<PreviewWish> inFlight_;  // being read now; empty = no preview job runs
  bool opening_ = false;
  bool troubleTold_ = false;
  quint64 nextId_ = 1;  // ids of jobs; an answer with another id than the expected one is stale
  quint64 openId_ = 0;
  quint64 sampleId_ = 0;
  quint64 sourceId_ = 0;   // changes with the open dataset
  quint64 checkUpId_ = 0;  // 0 = none under way
  QTimer checkUpSoon_;
  std::shared_ptr<std::atomic<bool>> checkUpStop_;
  std::shared_ptr<std::atomic<bool>> openCancel_;
  // of their own: the check-up must not stand before them in the queue. Last: it waits for its jobs
  QThreadPool pictures_;
};

}  // namespace dw::ui
