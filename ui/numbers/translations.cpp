// SPDX-License-Identifier: GPL-3.0-or-later
#include "numbers/translations.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

static void initResources() { Q_INIT_RESOURCE(translations); }  // outside of every namespace, as the macro demands

namespace dw::ui {
namespace {

const QString kOwn = QStringLiteral("diffusion-workbench");
const QString kOwnFolder = QStringLiteral(":/translations");

void install(QCoreApplication* application, const QLocale& locale, const QString& name, const QString& folder) {
  auto* translator = new QTranslator(application);
  if (translator->load(locale, name, QStringLiteral("_"), folder)) {
    QCoreApplication::installTranslator(translator);
  } else {
    delete translator;
  }
}

}  // namespace

void installTranslations(QCoreApplication* application) {
  initResources();
  // The one that was installed last is asked first. Qt's own (file dialogs, standard buttons) lie where Qt is installed.
  install(application, QLocale(QLocale::English), kOwn, kOwnFolder);
  install(application, QLocale(), QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  if (QLocale().language() != QLocale::English) install(application, QLocale(), kOwn, kOwnFolder);
}

}  // namespace dw::ui
