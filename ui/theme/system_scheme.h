// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QVariant>

namespace dw::theme {

/// What the desktop wishes, light or dark, and every change of it. Qt knows from 6.5 on; before that the settings portal
/// of the desktop (org.freedesktop.portal.Settings, key color-scheme) is asked; without either, the palette that the
/// desktop gave Qt decides.
class SystemScheme : public QObject {
  Q_OBJECT

 public:
  /// Create before the application's palette is replaced.
  explicit SystemScheme(QObject* parent = nullptr);
  bool isDark() const { return dark_; }

 Q_SIGNALS:
  void changed(bool dark);

 private Q_SLOTS:
  void onPortalSetting(const QString& group, const QString& key, const QVariant& value);

 private:
  void setDark(bool dark);
  void watchPortal();

  bool dark_ = false;
};

}  // namespace dw::theme
