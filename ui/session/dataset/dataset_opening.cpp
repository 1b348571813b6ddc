// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/dataset_opening.h"

#include <QElapsedTimer>
#include <algorithm>

#include "base/error.h"
#include "data/sources/open_source.h"

namespace dw::ui {
namespace {

data::OpenOptions optionsFor(const OpeningPlan& plan, const DatasetChoice& choice) {
  data::OpenOptions options;
  options.dataset = choice.dataset.toStdString();
  options.axes = choice.axes.toStdString();
  QElapsedTimer sinceReport;
  sinceReport.start();
  options.progress = [plan, sinceReport](const std::string& activity, double fraction) mutable {
    if (plan.progress && sinceReport.elapsed() >= 50) {
      plan.progress(QString::fromStdString(activity), fraction);
      sinceReport.restart();
    }
    return !plan.cancelled || !plan.cancelled->load();
  };
  return options;
}

/// Nothing was named, and the file could be opened if something were.
bool couldChoose(const OpeningResult& result) {
  const auto& all = result.candidates;
  return result.choice == DatasetChoice() &&
         std::any_of(all.begin(), all.end(), [](const auto& one) { return one.fits; });
}

}  // namespace

std::shared_ptr<const data::LatentSource> openWithCore(const QString& path, const data::OpenOptions& options) {
  return data::sources::openSource(path.toStdString(), options);
}

std::vector<data::sources::Candidate> candidatesOf(const QString& path) {
  try {
    return data::sources::candidatesIn(path.toStdString());
  } catch (const Error&) {
    return {};
  }
}

OpeningResult openDataset(const OpeningPlan& plan) {
  OpeningResult result;
  result.choice = plan.choice;
  const auto open = [&] { result.source = plan.opener(plan.path, optionsFor(plan, result.choice)); };
  try {
    try {
      open();
    } catch (const Error& error) {
      if (!plan.recalled || error.kind() == ErrorKind::Cancelled) throw;
      result.choice = {};
      open();
    }
    result.quickLook = takeQuickLook(*result.source);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::BadData) throw;
    result.source.reset();
    result.candidates = candidatesOf(plan.path);
    if (!couldChoose(result)) throw;
    result.sentence = QString::fromUtf8(error.what());
  }
  return result;
}

}  // namespace dw::ui
