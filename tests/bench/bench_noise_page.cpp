// SPDX-License-Identifier: GPL-3.0-or-later
// The Noise page while a run trains on the demo data: what one frame of dragging t costs, and what the live view (weights
// copied and asked once a second) takes from the training rate. One JSON line.
//   QT_QPA_PLATFORM=offscreen bench_noise_page [--recipe quick] [--seconds 20] [--rounds 3]
// The rates are measured in turns, without and with the view, so that a machine that slows down does so for both.
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QSettings>
#include <QSlider>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/malloc_tuning.h"
#include "bench_support.h"
#include "inference/networks/checkpoint_model.h"
#include "panels/noise/model_bar.h"
#include "panels/noise/noise_page.h"
#include "session/dataset/dataset_session.h"
#include "session/noise/live_predictor.h"
#include "session/noise/noise_lab.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "trainer/xudit/xudit_task.h"

namespace {

using namespace dw;
using namespace dw::bench;

double stepsPerSecond(ui::TrainingSession& session, int ms) {
  session.drain();
  const auto before = session.last().step;
  QElapsedTimer clock;
  clock.start();
  shouldContinue(ms);
  session.drain();
  return static_cast<double>(session.last().step - before) * 1000.0 / static_cast<double>(clock.elapsed());
}

/// Milliseconds from moving t to the finished picture, of each of so many moves.
std::vector<double> drag(ui::NoisePage& page, int moves) {
  auto* slider = page.findChild<QSlider*>(QStringLiteral("noiseTimeSlider"));
  std::vector<double> frames;
  for (int i = 0; i < moves; ++i) {
    QElapsedTimer clock;
    clock.start();
    slider->setValue(i * 7 % 1000);
    page.grab();  // every pixel is drawn, as on a screen
    QApplication::processEvents();
    frames.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
  }
  std::sort(frames.begin(), frames.end());
  return frames;
}

}  // namespace

int main(int argc, char** argv) {
  keepFreedMemory();  // as the program does
  QApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  const int sliceMs = option(QStringLiteral("--seconds"), QStringLiteral("20")).toInt() * 1000;
  const int rounds = option(QStringLiteral("--rounds"), QStringLiteral("3")).toInt();
  const auto recipe = option(QStringLiteral("--recipe"), QStringLiteral("quick")).toStdString();

  QTemporaryDir folder;
  ui::TrainingSession session(trainer::xudit::makeXuditTask);
  ui::RecipeDraft draft;
  ui::DatasetSession dataset;
  ui::NoiseLab lab(&dataset);
  ui::LivePredictor predictor(&lab, &session, inference::networks::openModel);
  ui::NoisePage page(&lab, &predictor, &session, &draft, &dataset);
  page.resize(1208, 580);
  page.show();
  dataset.open(QStringLiteral("demo"));
  waitFor([&] { return page.lab()->hasSample(); });
  dataset.stopCheckUp();
  trainer::FreshRun request;
  request.recipe = config::builtinRecipe(recipe);
  request.data = "demo";
  request.recipe.train.steps = 10'000'000;
  request.folder = folder.filePath(QStringLiteral("run")).toStdString();
  session.start(request);
  waitFor([&] { return session.last().step > 20; });

  const auto idle = drag(page, 300);
  std::vector<double> without, with;
  for (int i = 0; i < rounds; ++i) {
    page.modelBar()->switchOff();
    shouldContinue(500);
    without.push_back(stepsPerSecond(session, sliceMs));
    page.modelBar()->showTraining();
    shouldContinue(500);
    with.push_back(stepsPerSecond(session, sliceMs));
  }
  const auto state = page.findChild<QLabel*>(QStringLiteral("noiseModelState"))->text().toStdString();
  const auto live = drag(page, 300);
  session.stop();
  waitFor([&] { return session.canTrain(); });

  const auto at = [](const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  const nlohmann::json line{{"recipe", recipe},
                            {"frame_ms_median", at(idle, 0.5)},
                            {"frame_ms_p99", at(idle, 0.99)},
                            {"frame_live_ms_median", at(live, 0.5)},
                            {"frame_live_ms_p99", at(live, 0.99)},
                            {"steps_per_s_without", without},
                            {"steps_per_s_with", with},
                            {"model_said", state},
                            {"lost_percent", 100.0 * (1.0 - median(with) / median(without))}};
  std::cout << line.dump() << std::endl;
  return 0;
}
