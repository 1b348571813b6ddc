// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace dw::ui {

/// Paths used lately, newest first, kept in the program's settings under a key of their own.
class RecentList {
 public:
  static constexpr qsizetype kLongest = 8;

  /// key: "recent/datasets", "recent/runs".
  explicit RecentList(QString key) : key_(std::move(key)) {}
  /// Only what is still there on the disk.
  QStringList existing() const;
  void add(const QString& path) const;

 private:
  QStringList stored() const;

  QString key_;
};

}  // namespace dw::ui
