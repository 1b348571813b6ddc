// SPDX-License-Identifier: GPL-3.0-or-later
// How the window feels while a run trains: how long a beat posted from another thread waits in the event loop, and what
// share of a core the window takes. The trainer is a fake that only sleeps, so the window's own share is all that is seen;
// what it costs a real trainer is at most that share. One JSON line.
//   QT_QPA_PLATFORM=offscreen bench_window [seconds] [steps per second] [folder for pictures of what was measured]
#include <QAbstractButton>
#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "bench_support.h"
#include "fake_task.h"
#include "main_window/main_window.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "workbench/workbench.h"

namespace {

using namespace dw;
using dw::bench::threadCpuSeconds;

/// Posts a beat every millisecond and keeps how long each had to wait.
class Heartbeat : public QObject {
 public:
  Heartbeat() {
    clock_.start();
    thread_ = std::thread([this] { run(); });
  }
  ~Heartbeat() override {
    stop_ = true;
    thread_.join();
  }
  std::vector<double> waitedMs;  // GUI thread only

 private:
  void run() {
    while (!stop_) {
      if (!waiting_.exchange(true)) {
        const qint64 posted = clock_.nsecsElapsed();
        QMetaObject::invokeMethod(
            this,
            [this, posted] {
              waitedMs.push_back(static_cast<double>(clock_.nsecsElapsed() - posted) * 1e-6);
              waiting_ = false;
            },
            Qt::QueuedConnection);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  QElapsedTimer clock_;
  std::atomic<bool> waiting_{false}, stop_{false};
  std::thread thread_;
};

/// A fake that fills the bins of the timesteps as well.
class BinnedTask : public test::FakeTask {
 public:
  using FakeTask::FakeTask;
  messages::StepMetrics step(const config::LiveSettings& live) override {
    auto metrics = FakeTask::step(live);
    for (std::size_t bin = 0; bin < messages::kTimestepBins; ++bin) {
      metrics.lossCount[bin] = 1.6F;
      metrics.lossSum[bin] = 1.6F / static_cast<float>(1 + bin);
    }
    return metrics;
  }
};

void wait(double seconds) {
  QEventLoop loop;
  QTimer::singleShot(static_cast<int>(seconds * 1000.0), &loop, &QEventLoop::quit);
  loop.exec();
}

template <class Condition>
void waitFor(Condition condition) {
  while (!condition()) wait(0.02);
}

/// Latency and share of a core over a while, as the window stands.
nlohmann::json measure(double seconds) {
  Heartbeat beat;
  const double before = threadCpuSeconds();
  wait(seconds);
  const double share = (threadCpuSeconds() - before) / seconds;
  auto waited = beat.waitedMs;
  std::sort(waited.begin(), waited.end());
  const auto at = [&waited](double part) {
    return waited.empty() ? 0.0 : waited[static_cast<std::size_t>(part * static_cast<double>(waited.size() - 1))];
  };
  return {{"beats", waited.size()},
          {"p50_ms", at(0.5)},
          {"p99_ms", at(0.99)},
          {"max_ms", at(1.0)},
          {"gui_core_share", share}};
}

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(QStringLiteral("dwb-bench-window"));
  QSettings().clear();
  const QTemporaryDir folder;
  qputenv("DWB_RUNS", folder.filePath(QStringLiteral("runs")).toLocal8Bit());
  qputenv("XDG_CACHE_HOME", folder.filePath(QStringLiteral("cache")).toLocal8Bit());
  const double seconds = argc > 1 ? std::atof(argv[1]) : 30.0;
  const double rate = argc > 2 ? std::atof(argv[2]) : 60.0;
  test::FakePlan plan;
  plan.stepTime = std::chrono::microseconds(static_cast<std::int64_t>(1e6 / rate));
  theme::Theme theme(theme::Mode::Light);
  ui::Workbench workbench({.task = [plan](trainer::TaskRequest request) {
    return std::make_unique<BinnedTask>(std::move(request), plan);
  }});
  auto& session = *workbench.training();
  auto& dataset = *workbench.dataset();
  ui::MainWindow window(&workbench, &theme);
  window.show();
  dataset.open(QStringLiteral("demo"));
  workbench.draft()->setField(QStringLiteral("train.steps"), QStringLiteral("100000000"));
  const auto button = [&window](const char* name) { return window.findChild<QAbstractButton*>(QLatin1String(name)); };
  waitFor([&] { return button("primaryButton")->isEnabled(); });
  button("primaryButton")->click();
  waitFor([&] { return session.last().step > 20; });
  const auto picture = [&window, argc, argv](const char* name) {
    if (argc > 3)
      window.grab().save(QString::fromLocal8Bit(argv[3]) + QLatin1Char('/') + QLatin1String(name) +
                         QStringLiteral(".png"));
  };
  nlohmann::json line{{"seconds", seconds}, {"steps_per_s", rate}};
  wait(2.0);
  line["loss"] = measure(seconds);
  button("rateHalf")->click();
  button("reshapeButton")->click();
  wait(1.0);
  picture("loss");
  button("reshapeButton")->click();
  button("viewTimesteps")->click();
  wait(1.0);
  line["loss_by_timestep"] = measure(seconds);
  picture("timesteps");
  window.showPage(QStringLiteral("data"));
  wait(1.0);
  line["data_page"] = measure(seconds);
  line["steps"] = session.last().step;
  std::cout << line.dump() << std::endl;
  session.stop();
  waitFor([&] { return session.canTrain(); });
  return 0;
}
