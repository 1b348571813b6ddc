// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/dataset_choice.h"

#include <QFileInfo>
#include <QSettings>
#include <QVariantList>

namespace dw::ui {
namespace {
const QString kKey = QStringLiteral("dataset/choices");
constexpr qsizetype kMost = 100;
// A list of [path, dataset, axes], newest first: settings keys cannot hold paths.
}  // namespace

std::optional<DatasetChoice> recallChoice(const QString& path) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  for (const auto& entry : QSettings().value(kKey).toList()) {
    const QStringList parts = entry.toStringList();
    if (parts.size() == 3 && parts[0] == absolute) return DatasetChoice{parts[1], parts[2]};
  }
  return {};
}

void rememberChoice(const QString& path, const DatasetChoice& choice) {
  QSettings settings;
  QVariantList entries = settings.value(kKey).toList();
  const QString absolute = QFileInfo(path).absoluteFilePath();
  entries.removeIf([&](const QVariant& entry) { return entry.toStringList().value(0) == absolute; });
  if (!(choice == DatasetChoice())) entries.prepend(QStringList{absolute, choice.dataset, choice.axes});
  settings.setValue(kKey, entries.mid(0, kMost));
}

}  // namespace dw::ui
