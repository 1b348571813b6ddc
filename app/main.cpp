// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop program: the one place where sessions, the real training task and the window are put together.
#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/malloc_tuning.h"
#include "base/standard_output.h"
#include "base/stop_signal.h"
#include "base/version.h"
#include "inference/networks/backend.h"
#include "main_window/main_window.h"
#include "main_window/pages.h"
#include "numbers/translations.h"
#include "screenshot.h"
#include "session/dataset/dataset_session.h"
#include "theme/theme.h"
#include "trainer/xudit/xudit_task.h"
#include "workbench/workbench.h"

namespace {

struct Options {
  QString path;  ///< dataset, run folder or "demo"; empty = what was open last
  dw::theme::Mode theme = dw::theme::Mode::System;
  bool train = false;
  dw::app::ScreenshotPlan screenshot;
};

Options readOptions(const QCoreApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QCoreApplication::translate("main", "Train small diffusion transformers and watch them learn."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("FILE"),
                               QCoreApplication::translate("main", "Dataset, run folder, or the word \"demo\"."),
                               QStringLiteral("[FILE]"));
  const QCommandLineOption style(
      QStringLiteral("style-theme"),
      QCoreApplication::translate("main", "Colours: light, dark or system (also $DWB_THEME)."), QStringLiteral("name"));
  const QCommandLineOption train(QStringLiteral("train"),
                                 QCoreApplication::translate("main", "Start training as soon as the data is open."));
  QCommandLineOption shot(QStringLiteral("screenshot"),
                          QStringLiteral("Save a picture of the window there, then quit."), QStringLiteral("file.png"));
  QCommandLineOption shotAfter(QStringLiteral("screenshot-after"), QStringLiteral("Milliseconds before the picture."),
                               QStringLiteral("ms"), QStringLiteral("3000"));
  QCommandLineOption page(QStringLiteral("page"), QStringLiteral("Page of the picture: %1.").arg(dw::ui::pageIds()),
                          QStringLiteral("name"));
  for (auto* hidden : {&shot, &shotAfter, &page}) hidden->setFlags(QCommandLineOption::HiddenFromHelp);
  parser.addOptions({style, train, shot, shotAfter, page});
  parser.process(application);

  Options options;
  options.path = parser.positionalArguments().value(0);
  const QString remembered = QSettings().value(QStringLiteral("theme")).toString();
  QString theme = qEnvironmentVariable("DWB_THEME", remembered);
  if (parser.isSet(style)) theme = parser.value(style);
  options.theme = dw::theme::modeFromName(theme);
  options.train = parser.isSet(train);
  options.screenshot = {parser.value(shot), parser.value(shotAfter).toInt(), parser.value(page)};
  return options;
}

bool asksOnlyForWords(int argc, char** argv) {
  const auto isIt = [](const char* argument) {
    const std::string_view word(argument);
    return word == "-h" || word == "--help" || word == "--help-all" || word == "-v" || word == "--version";
  };
  return std::any_of(argv + 1, argv + argc, isIt);
}

/// Qt ends a program that finds no display with a core dump.
bool hasDisplay(int argc, char** argv) {
  for (const char* variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
    if (!qEnvironmentVariableIsEmpty(variable)) return true;
  }
  return std::any_of(argv + 1, argv + argc,
                     [](const char* argument) { return std::string_view(argument) == "-platform"; });
}

/// What computes, with LibTorch behind it.
dw::ui::Backends backends() {
  return {.task = dw::trainer::xudit::makeXuditTask, .inference = dw::inference::networks::backend()};
}

}  // namespace

int main(int argc, char** argv) {
  dw::keepFreedMemory();  // before anything is allocated
  dw::outliveClosedPipes();
  QCoreApplication::setApplicationName(QStringLiteral("diffusion-workbench"));
  QCoreApplication::setOrganizationName(QStringLiteral("diffusion-workbench"));
  QCoreApplication::setApplicationVersion(QString::fromLatin1(dw::kProgramVersion));
  QApplication::setDesktopFileName(QStringLiteral("diffusion-workbench"));
  if (asksOnlyForWords(argc, argv)) {
    QCoreApplication bare(argc, argv);
    dw::ui::installTranslations(&bare);
    readOptions(bare);  // prints and ends
    return 0;
  }
  if (!hasDisplay(argc, argv)) {
    std::fputs(
        "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).\n"
        "The same works in the terminal: dwb train --data demo --recipe quick\n",
        stderr);
    return 2;
  }
  QApplication application(argc, argv);
  dw::ui::installTranslations(&application);
  const Options options = readOptions(application);
  dw::catchStopSignals();

  dw::theme::Theme theme(options.theme);
  dw::ui::Workbench workbench(backends());
  dw::ui::MainWindow window(&workbench, &theme);

  QTimer signalPoll;  // a signal handler may do no more than count; 5 looks a second cost nothing
  QObject::connect(&signalPoll, &QTimer::timeout, &window, [&window] {
    if (dw::stopSignalsSeen() > 0) window.closeCleanly();
  });
  signalPoll.start(200);

  window.show();
  const QString path = options.path.isEmpty() ? dw::ui::DatasetSession::lastPath() : options.path;
  if (!path.isEmpty()) workbench.open(path);
  if (options.train) workbench.trainWhenOpen();
  dw::app::planScreenshot(options.screenshot, &window);
  return QApplication::exec();
}
