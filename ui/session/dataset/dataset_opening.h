// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "data/latent_source.h"
#include "data/open_options.h"
#include "data/sources/candidates.h"
#include "session/dataset/dataset_choice.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// How a path becomes a source; tests bring their own.
using DatasetOpener =
    std::function<std::shared_ptr<const data::LatentSource>(const QString& path, const data::OpenOptions& options)>;

/// What is to be opened, and how.
struct OpeningPlan {
  QString path;  ///< a file, folder, pattern, or the word "demo"
  DatasetChoice choice;
  bool recalled = false;  ///< the choice was made in an earlier session: where it does not fit any more, it is dropped
  DatasetOpener opener;
  std::shared_ptr<const std::atomic<bool>> cancelled;
  std::function<void(QString activity, double fraction)> progress;  ///< from the thread that opens
};

/// An open dataset; or, where the file holds several arrays and none was named, the arrays to choose from.
struct OpeningResult {
  std::shared_ptr<const data::LatentSource> source;  ///< null: the user must choose
  QuickLook quickLook;
  DatasetChoice choice;
  QString sentence;  ///< why it could not be opened as it is
  std::vector<data::sources::Candidate> candidates;
};

/// Opens and reads a few samples. On a thread pool. Throws Error, Cancelled included.
OpeningResult openDataset(const OpeningPlan& plan);

std::shared_ptr<const data::LatentSource> openWithCore(const QString& path, const data::OpenOptions& options);
/// candidatesIn, or nothing where that fails: whoever asks has a better sentence.
std::vector<data::sources::Candidate> candidatesOf(const QString& path);

}  // namespace dw::ui
