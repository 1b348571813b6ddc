// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/pages.h"

#include <QCoreApplication>
#include <QStringList>

#include "panels/data/data_page.h"
#include "panels/noise/noise_page.h"
#include "panels/runs/runs_page.h"
#include "panels/samples/samples_page.h"
#include "panels/start/start_page.h"
#include "panels/train/train_page.h"

namespace dw::ui {
namespace {

/// The only list of pages.
constexpr Page kPages[] = {
    {"start", "start", QT_TRANSLATE_NOOP("Pages", "&Start"), "Ctrl+1", makeStartPage},
    {"data", "data", QT_TRANSLATE_NOOP("Pages", "&Data"), "Ctrl+2", makeDataPage},
    {"noise", "noise", QT_TRANSLATE_NOOP("Pages", "&Noise"), "Ctrl+3", makeNoisePage},
    {"train", "train", QT_TRANSLATE_NOOP("Pages", "&Train"), "Ctrl+4", makeTrainPage},
    {"samples", "samples", QT_TRANSLATE_NOOP("Pages", "Sa&mples"), "Ctrl+5", makeSamplesPage},
    {"runs", "runs", QT_TRANSLATE_NOOP("Pages", "&Runs"), "Ctrl+6", makeRunsPage},
};

}  // namespace

QString Page::menuText() const { return QCoreApplication::translate("Pages", title); }

QString Page::text() const { return menuText().remove(QLatin1Char('&')); }

QString Page::buttonName() const {
  auto name = QString::fromLatin1(id);
  name[0] = name[0].toUpper();
  return QStringLiteral("nav") + name;
}

std::span<const Page> allPages() { return kPages; }

QString pageIds() {
  QStringList ids;
  for (const auto& page : kPages) ids.append(QString::fromLatin1(page.id));
  return ids.join(QStringLiteral(", "));
}

}  // namespace dw::ui
