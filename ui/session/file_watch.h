// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QTimer>

namespace dw::ui {

/// Looks now and then whether a file or folder is still what it was when the watch began. A poll and not the system's
/// notices: those do not come for network folders. The look is taken on the thread pool, because such a folder may hang.
class FileWatch : public QObject {
  Q_OBJECT

 public:
  explicit FileWatch(QObject* parent = nullptr);
  /// Forgets the earlier path. What is no file (the demo, a pattern) is not watched.
  void watch(const QString& path);
  void stop();

 Q_SIGNALS:
  /// Once a watch; sentence says what happened.
  void changed(const QString& sentence);

 private:
  struct Facts {
    bool exists = false;
    qint64 size = 0;
    QDateTime time;
  };
  static Facts look(const QString& path);
  void check();
  void compare(const Facts& now);

  QTimer timer_;
  QString path_;
  Facts before_;
  quint64 watchId_ = 0;
  bool looking_ = false;
};

}  // namespace dw::ui
