// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/file_watch.h"

#include <QFileInfo>

#include "session/background_job.h"

namespace dw::ui {
namespace {
constexpr int kEveryMs = 1000;
}

FileWatch::FileWatch(QObject* parent) : QObject(parent) {
  timer_.setInterval(kEveryMs);
  connect(&timer_, &QTimer::timeout, this, &FileWatch::check);
}

FileWatch::Facts FileWatch::look(const QString& path) {
  const QFileInfo info(path);
  // The size of a folder says nothing; its time changes when a file comes or goes.
  return {info.exists(), info.isDir() ? 0 : info.size(), info.lastModified()};
}

void FileWatch::watch(const QString& path) {
  stop();
  path_ = path;
  before_ = {};
  timer_.start();
  check();
}

void FileWatch::stop() {
  timer_.stop();
  path_.clear();
  looking_ = false;
  ++watchId_;
}

void FileWatch::check() {
  if (looking_ || path_.isEmpty()) return;
  looking_ = true;
  const quint64 id = watchId_;
  runInBackground(
      this, [path = path_] { return look(path); },
      [this, id](const Facts& now) {
        if (id != watchId_) return;
        looking_ = false;
        compare(now);
      },
      [this](const JobFailure&) { looking_ = false; });
}

void FileWatch::compare(const Facts& now) {
  if (!before_.time.isValid()) {
    if (!now.exists) return stop();  // a pattern, or no file at all
    before_ = now;
    return;
  }
  const QString name = QFileInfo(path_).fileName();
  QString sentence;
  if (!now.exists) {
    sentence = tr("“%1” is not there any more: it was moved, renamed or deleted while it was open.").arg(name);
  } else if (now.size < before_.size) {
    sentence = tr("“%1” has become shorter while it was open: what was cut off cannot be read.").arg(name);
  } else if (now.size != before_.size || now.time != before_.time) {
    sentence = tr("“%1” has changed since it was opened: what is shown may no longer be what it holds.").arg(name);
  } else {
    return;
  }
  stop();
  Q_EMIT changed(sentence);
}

}  // namespace dw::ui
