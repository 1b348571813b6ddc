// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/desktop_link.h"

#include <QApplication>
#include <QWidget>

#include "run_bar/run_text.h"
#include "session/training/training_session.h"

#ifdef DWB_HAVE_DBUS
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusUnixFileDescriptor>
#endif

namespace dw::ui {

#ifdef DWB_HAVE_DBUS
/// The lock is the open file that systemd-logind hands out; closing it gives the lock back, a crash as well.
struct DesktopLink::Lock {
  QDBusUnixFileDescriptor file;
};
#else
struct DesktopLink::Lock {};
#endif

DesktopLink::DesktopLink(TrainingSession* session, QWidget* window)
    : QObject(window), session_(session), window_(window) {
  connect(session_, &TrainingSession::stateChanged, this, &DesktopLink::watch);
}

DesktopLink::~DesktopLink() = default;

void DesktopLink::watch() {
  const auto state = session_->state();
  // A paused run waits for its user: the machine may sleep meanwhile.
  keepAwake(session_->isBusy() && state != messages::State::Paused);
  const bool ended = wasBusy_ && !session_->isBusy();
  wasBusy_ = session_->isBusy();
  if (!ended || window_->isActiveWindow() || !window_->isVisible()) return;
  ++told_;
  QApplication::alert(window_);
  const bool failed = state == messages::State::Failed;
  notify(failed ? tr("Training has failed") : tr("Training has ended"), stateText(*session_), failed);
}

#ifdef DWB_HAVE_DBUS

void DesktopLink::notify(const QString& title, const QString& text, bool urgent) {
  // Without an address Qt would try to start a message bus of its own: nobody to tell there.
  if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) return;
  auto bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  // org.freedesktop.Notifications.Notify (Desktop Notifications Specification 1.2).
  auto call = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.Notifications"),
                                             QStringLiteral("/org/freedesktop/Notifications"),
                                             QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("Notify"));
  const QVariantMap hints{{QStringLiteral("urgency"), QVariant::fromValue(static_cast<uchar>(urgent ? 2 : 1))},
                          {QStringLiteral("desktop-entry"), QStringLiteral("diffusion-workbench")}};
  constexpr int kDesktopDecides = -1;
  call << tr("Diffusion Workbench") << 0U << QStringLiteral("diffusion-workbench") << title << text.toHtmlEscaped()
       << QStringList() << hints << kDesktopDecides;
  bus.asyncCall(call);
}

void DesktopLink::keepAwake(bool on) {
  if (on == wanted_) return;
  wanted_ = on;
  lock_.reset();
  auto bus = QDBusConnection::systemBus();
  if (!on || !bus.isConnected()) return;
  // org.freedesktop.login1: an inhibitor lock against sleeping by itself and on request.
  auto call = QDBusMessage::createMethodCall(
      QStringLiteral("org.freedesktop.login1"), QStringLiteral("/org/freedesktop/login1"),
      QStringLiteral("org.freedesktop.login1.Manager"), QStringLiteral("Inhibit"));
  call << QStringLiteral("sleep:idle") << QStringLiteral("Diffusion Workbench") << tr("A model is training")
       << QStringLiteral("block");
  auto* waiting = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
  connect(waiting, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    const QDBusPendingReply<QDBusUnixFileDescriptor> reply(*done);
    done->deleteLater();
    if (wanted_ && !reply.isError()) lock_ = std::make_shared<Lock>(Lock{reply.value()});
  });
}

#else

void DesktopLink::notify(const QString&, const QString&, bool) {}
void DesktopLink::keepAwake(bool on) { wanted_ = on; }

#endif

}  // namespace dw::ui
