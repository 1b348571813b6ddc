// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/system_scheme.h"

#include <QGuiApplication>
#include <QPalette>
#include <QStyleHints>

#ifdef DWB_HAVE_DBUS
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#endif

#include "theme/colors.h"

namespace dw::theme {
namespace {
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");
}  // namespace

SystemScheme::SystemScheme(QObject* parent) : QObject(parent), dark_(colorsFor(QGuiApplication::palette()).dark) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  auto* hints = QGuiApplication::styleHints();
  if (hints->colorScheme() != Qt::ColorScheme::Unknown) dark_ = hints->colorScheme() == Qt::ColorScheme::Dark;
  connect(hints, &QStyleHints::colorSchemeChanged, this,
          [this](Qt::ColorScheme scheme) { setDark(scheme == Qt::ColorScheme::Dark); });
#else
  watchPortal();
#endif
}

void SystemScheme::watchPortal() {
#ifdef DWB_HAVE_DBUS
  // Without an address Qt would try to start a message bus of its own: nobody to ask there.
  if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) return;
  auto bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
  const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
  const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
  bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
              SLOT(onPortalSetting(QString, QString, QDBusVariant)));
  auto call = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
  call << kGroup << kKey;
  auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call, 2000), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
    const QDBusPendingReply<QVariant> reply = *watcher;
    watcher->deleteLater();
    if (reply.isValid()) onPortalSetting(kGroup, kKey, reply.value());
  });
#endif
}

void SystemScheme::onPortalSetting(const QString& group, const QString& key, const QVariant& value) {
  if (group != kGroup || key != kKey) return;
  QVariant plain = value;
#ifdef DWB_HAVE_DBUS
  // Read() wraps the value once more than its documentation says.
  while (plain.canConvert<QDBusVariant>()) plain = plain.value<QDBusVariant>().variant();
#endif
  setDark(plain.toUInt() == 1);  // 0 no preference, 1 dark, 2 light
}

void SystemScheme::setDark(bool dark) {
  if (dark_ == dark) return;
  dark_ = dark;
  Q_EMIT changed(dark);
}

}  // namespace dw::theme
