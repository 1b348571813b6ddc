// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <memory>

#include "data/latent_source.h"
#include "session/dataset_jobs.h"

namespace dw::ui {

/// The dataset that is open in the window. Lives in the GUI thread; every read runs on the thread pool, and an answer to
/// a question that is no longer asked is dropped. Panels share it; they never read files themselves.
class DatasetSession : public QObject {
  Q_OBJECT

 public:
  using Opener = std::function<std::shared_ptr<const data::LatentSource>(const QString& path)>;

  /// opener: how a path becomes a source; tests bring their own. Empty = data::openSource.
  explicit DatasetSession(QObject* parent = nullptr, Opener opener = {});
  ~DatasetSession() override;

  /// Opens a dataset file, or the word "demo", in the background. A later call wins over an earlier one. The open
  /// dataset stays until the new one is there.
  void open(const QString& path);
  void close();

  /// The open dataset; null while there is none.
  std::shared_ptr<const data::LatentSource> source() const { return source_; }
  bool isOpen() const { return source_ != nullptr; }
  bool isOpening() const { return opening_; }
  /// What open() was given for the open dataset: "demo" or a path. Empty while there is none.
  QString path() const { return path_; }
  /// A name for people: the file's name, or "Demo data".
  QString displayName() const;
  /// What a sample is: "circle", "label 3", or nothing where the data has no labels.
  QString labelOf(qint64 sample) const;
  /// Quick facts from a few samples, there as soon as the dataset is open.
  const QuickLook& quickLook() const { return quickLook_; }

  /// Newest first, from earlier sessions too; "demo" is not listed.
  static QStringList recentPaths();
  /// The dataset that was open last, "demo" included; empty if none.
  static QString lastPath();

  /// The previews that are wanted now, most urgent first. Replaces earlier wishes: what is not wished any more is not
  /// computed. Answers: previewReady, in any order.
  void wishPreviews(const QList<PreviewWish>& wishes);
  /// All values of one crop of one sample, with pictures whose colours span -limit .. limit. A later call wins. Answer:
  /// sampleReady.
  void requestSample(qint64 sample, qint64 crop, float limit);
  /// Reads the whole dataset in the background: checkUpProgress, then checkUpDone. Opening starts it by itself.
  void startCheckUp();
  void stopCheckUp();
  bool isCheckingUp() const { return checkUpId_ != 0; }
  /// The finished check-up; null before.
  std::shared_ptr<const CheckUp> checkUp() const { return checkUp_; }

 Q_SIGNALS:
  void opening(const QString& path);
  void opened();
  void failed(const QString& sentence, const QString& remedy);
  void closed();
  void previewReady(const dw::ui::PreviewWish& wish, const dw::ui::PreviewPixels& pixels);
  void sampleReady(const dw::ui::SampleValues& values);
  /// A read of the open dataset failed (the file changed or vanished).
  void readFailed(const QString& sentence, const QString& remedy);
  void checkUpProgress(double fraction);
  void checkUpDone();

 private:
  struct Opened;
  void startPreviewJob();
  void rememberPath() const;

  Opener opener_;
  std::shared_ptr<const data::LatentSource> source_;
  std::shared_ptr<const PreviewMaker> maker_;
  QuickLook quickLook_;
  std::shared_ptr<const CheckUp> checkUp_;
  QString path_;
  QList<PreviewWish> wishes_;
  QList<PreviewWish> inFlight_;  // being computed now; empty = no preview job runs
  bool opening_ = false;
  quint64 nextId_ = 1;       // ids of jobs; an answer with another id than the expected one is stale
  quint64 openId_ = 0;
  quint64 sampleId_ = 0;
  quint64 sourceId_ = 0;     // changes with the open dataset
  quint64 checkUpId_ = 0;    // 0 = none under way
  std::shared_ptr<std::atomic<bool>> checkUpStop_;
};

}  // namespace dw::ui
