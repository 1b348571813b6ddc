// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/recent_list.h"

#include <QFileInfo>
#include <QSettings>

namespace dw::ui {

QStringList RecentList::stored() const { return QSettings().value(key_).toStringList(); }

QStringList RecentList::existing() const {
  QStringList paths = stored();
  paths.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
  return paths;
}

void RecentList::add(const QString& path) const {
  QStringList paths = stored();
  const QString absolute = QFileInfo(path).absoluteFilePath();
  paths.removeAll(absolute);
  paths.prepend(absolute);
  QSettings().setValue(key_, QStringList(paths.mid(0, kLongest)));
}

}  // namespace dw::ui
