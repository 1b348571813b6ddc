// SPDX-License-Identifier: GPL-3.0-or-later
// What the window takes from the training rate of a real run on the demo data. In turns the window lives (loss, rate, run
// bar and status drawn as on a screen) and its thread sleeps, which is a run without any window. One JSON line: milliseconds
// of a step, and the share of one core that the window's thread took, which noise of the machine does not touch. Steps that
// come while it sleeps wait in a ring of 16,384: seconds times steps per second must stay below.
//   QT_QPA_PLATFORM=offscreen bench_overhead [--recipe lecture] [--seconds 15] [--rounds 5]
#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/malloc_tuning.h"
#include "bench_support.h"
#include "main_window/main_window.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "trainer/xudit/xudit_task.h"
#include "workbench/workbench.h"

namespace {

using namespace dw;
using namespace dw::bench;

/// Milliseconds of a step, the middle of all that began and ended meanwhile: steps of a second cannot be counted well.
template <class Spend>
double stepMs(ui::TrainingSession& session, Spend spend) {
  std::vector<double> taken;
  session.drain();
  shouldContinue(50);  // what was drained is announced
  const auto before = session.last().step;
  const auto heard = QObject::connect(&session, &ui::TrainingSession::metricsAppended,
                                      [&](const QList<messages::StepMetrics>& metrics) {
                                        for (const auto& m : metrics) {
                                          if (m.step > before + 1) taken.push_back(static_cast<double>(m.stepMs));
                                        }
                                      });
  spend();
  session.drain();
  shouldContinue(50);
  QObject::disconnect(heard);
  return taken.empty() ? 0.0 : median(std::move(taken));
}

}  // namespace

int main(int argc, char** argv) {
  keepFreedMemory();  // as the program does
  QApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(QStringLiteral("dwb-bench-overhead"));
  QSettings().clear();
  const QTemporaryDir folder;
  qputenv("DWB_RUNS", folder.filePath(QStringLiteral("runs")).toLocal8Bit());
  const auto recipe = option(QStringLiteral("--recipe"), QStringLiteral("lecture")).toStdString();
  const int sliceMs = option(QStringLiteral("--seconds"), QStringLiteral("15")).toInt() * 1000;
  const int rounds = std::max(1, option(QStringLiteral("--rounds"), QStringLiteral("5")).toInt());

  theme::Theme theme(theme::Mode::Light);
  ui::Workbench workbench({.task = trainer::xudit::makeXuditTask});
  auto& session = *workbench.training();
  auto& dataset = *workbench.dataset();
  ui::MainWindow window(&workbench, &theme);
  window.resize(1280, 720);
  window.show();
  dataset.open(QStringLiteral("demo"));
  waitFor([&] { return dataset.source() != nullptr; });
  dataset.stopCheckUp();
  trainer::FreshRun request;
  request.recipe = config::builtinRecipe(recipe);
  request.data = "demo";
  request.recipe.train.steps = 10'000'000;
  request.recipe.sample.every = request.recipe.validation.every = 0;  // the same work in every slice
  request.folder = folder.filePath(QStringLiteral("run")).toStdString();
  session.start(request);
  window.showPage(QStringLiteral("train"));
  waitFor([&] { return session.last().step > 5; });
  shouldContinue(2000);

  std::vector<double> with, without, shares;
  for (int i = 0; i < rounds; ++i) {
    with.push_back(stepMs(session, [&] {
      const auto before = threadCpuSeconds();
      shouldContinue(sliceMs);
      shares.push_back(100.0 * (threadCpuSeconds() - before) / (sliceMs / 1000.0));
    }));
    without.push_back(stepMs(session, [&] { std::this_thread::sleep_for(std::chrono::milliseconds(sliceMs)); }));
    shouldContinue(500);  // catches up with what it slept through
  }
  session.stop();
  waitFor([&] { return session.canTrain(); });
  std::vector<double> lost;
  for (std::size_t i = 0; i < with.size(); ++i) lost.push_back(100.0 * (1.0 - without[i] / with[i]));
  std::cout << nlohmann::json{{"recipe", recipe},
                              {"step_ms_with", with},
                              {"step_ms_without", without},
                              {"lost_percent", lost},
                              {"lost_percent_median", median(lost)},
                              {"window_percent_of_core", shares}}
            << std::endl;
  return 0;
}
