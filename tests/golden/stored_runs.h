// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>

namespace dw::test {

/// The folder that the stored runs were made in: it stands in their recipes.
inline constexpr const char* kStoredRoot = "/tmp/dwb-stored-runs";

/// A name that a stored run has written down, and what it is called today.
struct Renamed {
  const char* field;
  const char* then;
  const char* today;
};
inline constexpr std::array kRenamed{
    Renamed{"recipe.name", "seed", "lecture"},
    Renamed{"recipe.name", "seed-b32", "lecture-b32"},
    Renamed{"recipe_name", "seed", "lecture"},
    Renamed{"recipe_name", "seed-b32", "lecture-b32"},
    Renamed{"recipe.schedule.kind", "seed_formula_t0", "linear_t_over_T"},
    Renamed{"recipe.schedule.kind", "seed_formula_t1", "linear_t1_over_T"},
    Renamed{"recipe.schedule.kind", "seed_linspace", "linear"},
};

inline QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Of the objects in which losses are compared.
inline QString stepKey(const QJsonValue& step) { return QStringLiteral("step %1").arg(step.toInt()); }

/// The same from [[step, loss], ...] of expected.json.
inline QJsonObject lossesByStep(const QJsonArray& pairs) {
  QJsonObject losses;
  for (const auto& pair : pairs) losses[stepKey(pair[0])] = pair[1];
  return losses;
}

/// Copies the stored set to a new folder, as if its runs had been made there an hour ago. False: it could not.
inline bool layStoredRuns(const QString& from, const QString& to) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::copy(from.toStdString(), to.toStdString(), fs::copy_options::recursive, error);
  if (error) return false;
  const auto hourAgo = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : fs::directory_iterator(to.toStdString())) {
    if (!entry.is_directory()) continue;
    QFile recipe(QString::fromStdString((entry.path() / "recipe.json").string()));
    const auto text = contentOf(recipe.fileName()).replace(kStoredRoot, to.toUtf8());
    if (!recipe.open(QIODevice::WriteOnly) || recipe.write(text) != text.size()) return false;
    // A fresh date would mean a trainer on another machine.
    fs::last_write_time(entry.path() / ".lock", hourAgo, error);
    if (error) return false;
  }
  return true;
}

/// What differs between what is expected and what was found, a sentence each that names the field. What is found beyond is
/// a later version's and allowed.
class Differences {
 public:
  /// tolerance: of numbers, relative. new...: the program knows the names of today, and says no others.
  Differences(double tolerance, bool newRecipeNames, bool newScheduleNames)
      : tolerance_(tolerance), newRecipeNames_(newRecipeNames), newScheduleNames_(newScheduleNames) {}

  void compare(const QString& field, const QJsonValue& wanted, const QJsonValue& found) {
    if (wanted.isObject()) return compareObjects(field, wanted.toObject(), found.toObject());
    if (wanted.isArray()) return compareArrays(field, wanted.toArray(), found.toArray());
    if (wanted.isDouble() && found.isDouble() && isClose(wanted.toDouble(), found.toDouble())) return;
    const auto today = wanted.isString() ? QJsonValue(nameOfToday(field, wanted.toString())) : wanted;
    if (!wanted.isDouble() && today == found) return;
    sentences_ << QStringLiteral("%1 is %2 instead of %3").arg(field, textOf(found), textOf(today));
  }

  bool isClose(double wanted, double found) const {
    return std::abs(wanted - found) <= tolerance_ * std::max(std::abs(wanted), std::abs(found));
  }
  bool none() const { return sentences_.isEmpty(); }
  /// With the name of the run in front.
  QByteArray text(const QString& run) const {
    constexpr int kMost = 8;
    return QStringLiteral("run '%1': %2").arg(run, sentences_.mid(0, kMost).join(QStringLiteral("; "))).toUtf8();
  }

 private:
  void compareObjects(const QString& field, const QJsonObject& wanted, const QJsonObject& found) {
    for (auto at = wanted.begin(); at != wanted.end(); ++at) {
      compare(field.isEmpty() ? at.key() : field + QLatin1Char('.') + at.key(), at.value(), found[at.key()]);
    }
  }
  void compareArrays(const QString& field, const QJsonArray& wanted, const QJsonArray& found) {
    if (wanted.size() != found.size()) {
      sentences_ << QStringLiteral("%1 has %2 entries instead of %3").arg(field).arg(found.size()).arg(wanted.size());
    }
    for (auto i = 0; i < std::min(wanted.size(), found.size()); ++i) {
      compare(QStringLiteral("%1[%2]").arg(field).arg(i), wanted[i], found[i]);
    }
  }
  QString nameOfToday(const QString& field, const QString& then) const {
    for (const auto& row : kRenamed) {
      if (field != QLatin1String(row.field) || then != QLatin1String(row.then)) continue;
      const bool renamed = field == QLatin1String("recipe.schedule.kind") ? newScheduleNames_ : newRecipeNames_;
      return renamed ? QString::fromLatin1(row.today) : then;
    }
    return then;
  }
  static QString textOf(const QJsonValue& value) {
    if (value.isUndefined()) return QStringLiteral("absent");
    const auto line = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(line.mid(1, line.size() - 2));
  }

  double tolerance_;
  bool newRecipeNames_, newScheduleNames_;
  QStringList sentences_;
};

}  // namespace dw::test
