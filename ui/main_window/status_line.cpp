// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/status_line.h"

#include <QDesktopServices>
#include <QFile>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QThread>
#include <QToolButton>
#include <QUrl>

#include "numbers/number_text.h"
#include "session/training/training_session.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

/// Memory of this process that is in RAM, in bytes; 0 where the system does not say (proc(5): status, VmRSS in kB).
qint64 residentBytes() {
  QFile file(QStringLiteral("/proc/self/status"));
  if (!file.open(QIODevice::ReadOnly)) return 0;
  for (const QByteArray& line : file.readAll().split('\n')) {
    if (line.startsWith("VmRSS:")) return line.mid(6).simplified().split(' ').value(0).toLongLong() * 1024;
  }
  return 0;
}

}  // namespace

StatusLine::StatusLine(TrainingSession* session, QWidget* parent)
    : QWidget(parent), session_(session), folder_(new QToolButton), device_(new QLabel), memory_(new QLabel) {
  setObjectName(QStringLiteral("statusLine"));
  folder_->setObjectName(QStringLiteral("runFolder"));
  folder_->setProperty("flat", true);
  folder_->setIcon(theme::icon(QStringLiteral("folder")));
  folder_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  QSizePolicy room = folder_->sizePolicy();
  room.setRetainSizeWhenHidden(true);  // the line keeps its height: the page above must not jump when a run begins
  folder_->setSizePolicy(room);
  saved_ = new QLabel;
  saved_->setObjectName(QStringLiteral("savedAt"));
  saved_->setProperty("muted", true);
  device_->setObjectName(QStringLiteral("device"));
  memory_->setObjectName(QStringLiteral("memory"));
  device_->setProperty("muted", true);
  memory_->setProperty("muted", true);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 0, 8, 0);
  row->setSpacing(16);
  row->addWidget(folder_);
  row->addWidget(saved_);
  row->addStretch(1);
  row->addWidget(device_);
  row->addWidget(memory_);
  connect(folder_, &QToolButton::clicked, this, [this] {
    if (session_->run())
      QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(session_->run()->folder.string())));
  });
  connect(session_, &TrainingSession::runOpened, this, &StatusLine::showRun);
  connect(session_, &TrainingSession::stateChanged, this, [this](messages::State state) {
    if (state == messages::State::Preparing) showRun();
  });
  connect(session_, &TrainingSession::checkpointSaved, this, [this](const messages::CheckpointSaved& checkpoint) {
    saved_->setText(tr("saved at step %1").arg(count(checkpoint.step)));
  });
  connect(&refresh_, &QTimer::timeout, this, &StatusLine::showMemory);
  refresh_.start(2000);
  showRun();
  showMemory();
}

void StatusLine::showRun() {
  const auto& run = session_->run();
  folder_->setVisible(run.has_value());
  saved_->clear();
  if (!run) return device_->setText(tr("processor cores: %1").arg(QThread::idealThreadCount()));
  const QString folder = QString::fromStdString(run->folder.string());
  folder_->setText(QString::fromStdString(run->folder.filename().string()));
  folder_->setToolTip(tr("Show the run folder: %1").arg(folder));
  folder_->setAccessibleName(tr("Show the run folder"));
  device_->setText(tr("device %1, threads %2").arg(QString::fromStdString(run->device)).arg(run->threads));
}

void StatusLine::showMemory() {
  const qint64 bytes = residentBytes();
  memory_->setVisible(bytes > 0);
  memory_->setText(tr("memory %1").arg(sizeText(static_cast<std::uint64_t>(bytes))));
}

}  // namespace dw::ui
