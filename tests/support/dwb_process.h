// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QStringList>
#include <functional>

namespace dw::test {

/// What the real dwb answered. code: -2 it did not end, -3 it crashed.
struct Result {
  int code = -1;
  QByteArray out, err;

  /// Of --json, an object each.
  QList<QJsonObject> lines() const {
    QList<QJsonObject> all;
    for (const auto& line : out.split('\n')) {
      const auto object = QJsonDocument::fromJson(line).object();
      if (!object.isEmpty()) all.append(object);
    }
    return all;
  }
  QList<double> losses() const {
    QList<double> all;
    for (const auto& line : lines()) {
      if (line.contains(QStringLiteral("loss"))) all.append(line[QStringLiteral("loss")].toDouble());
    }
    return all;
  }
};

/// The dwb of this build, or the one that DWB_PROGRAM names: another version is asked the same.
inline QString dwbProgram() { return qEnvironmentVariable("DWB_PROGRAM", QStringLiteral(DWB_BIN_DIR "/dwb")); }

/// prepare: sets environment or folder before it starts. limitMs: how long it may take.
inline Result runDwb(const QStringList& arguments, const std::function<void(QProcess&)>& prepare = {},
                     int limitMs = 240'000) {
  QProcess process;
  if (prepare) prepare(process);
  process.start(dwbProgram(), arguments);
  if (!process.waitForFinished(limitMs)) return {.code = -2, .out = {}, .err = "did not end"};
  return {.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -3,
          .out = process.readAllStandardOutput(),
          .err = process.readAllStandardError()};
}

}  // namespace dw::test
