// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: device, gpu_facts, own_threads, thread_choice, timestep_bins
#include <torch/torch.h>

#include <QTest>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/dynamic_library.h"
#include "base/error.h"
#include "training/device.h"
#include "training/gpu_facts.h"
#include "training/own_threads.h"
#include "training/thread_choice.h"
#include "training/timestep_bins.h"

using namespace dw::training;

class TestTrainingSetup : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cpuIsAlwaysThere();
  void cudaOrAReason();
  void factsOfTheGpuIfThereIsOne();
  void missingLibrarySaysWhy();
  void threadsByMeasurement();
  void ownThreadsHoldFromTheFirstLoopOn();
  void binsCoverAllSteps();
};

void TestTrainingSetup::cpuIsAlwaysThere() { QVERIFY(openDevice(dw::config::Device::Cpu) == at::Device(at::kCPU)); }

void TestTrainingSetup::cudaOrAReason() {
  const std::string reason = whyNoCuda();
  if (reason.empty()) {
    const auto device = openDevice(dw::config::Device::Cuda);
    QVERIFY(at::ones({2}, device).sum().item<float>() == 2.0F);
    return;
  }
  try {
    openDevice(dw::config::Device::Cuda);
    QFAIL("a missing GPU was opened");
  } catch (const dw::Error& error) {
    QVERIFY(error.kind() == dw::ErrorKind::Usage);
    QVERIFY(std::string(error.what()).find(reason) != std::string::npos);
    QVERIFY(error.remedy().find("cpu") != std::string::npos);
  }
}

void TestTrainingSetup::factsOfTheGpuIfThereIsOne() {
  const auto facts = gpuFacts();
  QCOMPARE(facts.has_value(), noCuda().reason.empty());
  QCOMPARE(noCuda().remedy.empty(), noCuda().reason.empty());
  if (!facts) return;
  QVERIFY(facts->name.size() > 4 && facts->name != "unknown");
  QVERIFY(facts->freeBytes > 0 && facts->freeBytes <= facts->totalBytes);
}

void TestTrainingSetup::missingLibrarySaysWhy() {
  const auto result = dw::openLibrary("/nowhere/libnothing.so");
  QVERIFY(!result.opened);
  QVERIFY(result.reason.find("libnothing.so") != std::string::npos);
}

void TestTrainingSetup::threadsByMeasurement() {
  std::vector<int> tried;
  const auto scaling = [&](int threads) {
    tried.push_back(threads);
    return 1.0 / threads;
  };
  QCOMPARE(chooseThreads(scaling, 6), 6);
  QCOMPARE(tried, (std::vector<int>{1, 2, 4, 6}));
  QCOMPARE(chooseThreads([](int threads) { return threads < 3 ? 1.0 / threads : 0.6; }, 8), 2);
  QCOMPARE(chooseThreads([](int) { return 1.0; }, 64), 1);
  QCOMPARE(chooseThreads(scaling, 1), 1);
  QVERIFY(usableCores() >= 1);
}

/// A loop compiled into this program, the first one of its thread: it must not set the number anew.
void TestTrainingSetup::ownThreadsHoldFromTheFirstLoopOn() {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  int told = 0;
  std::atomic<int> most = 0;
  std::thread([&] {
    computeInThisThreadOnly();
    told = at::get_num_threads();
    at::parallel_for(0, 1000, 1, [&](std::int64_t, std::int64_t) {
      for (int seen = most;
           seen < at::get_thread_num() + 1 && !most.compare_exchange_weak(seen, at::get_thread_num() + 1);)
        continue;
    });
  }).join();
  const int here = at::get_num_threads();
  at::set_num_threads(before);
  QCOMPARE(told, 1);
  QCOMPARE(most.load(), 1);
  QCOMPARE(here, 2);
}

void TestTrainingSetup::binsCoverAllSteps() {
  TimestepBins bins;
  for (std::int64_t t = 0; t < 1000; ++t) bins.add(t, 1000, 0.5);
  for (int i = 0; i < TimestepBins::kCount; ++i) {
    QCOMPARE(bins.count.at(static_cast<std::size_t>(i)), 50.0F);
    QCOMPARE(bins.sum.at(static_cast<std::size_t>(i)), 25.0F);
  }
  TimestepBins few;
  for (std::int64_t t = 0; t < 3; ++t) few.add(t, 3, 1.0);
  QCOMPARE(few.count[0], 1.0F);
}

QTEST_APPLESS_MAIN(TestTrainingSetup)
#include "tst_training_setup.moc"
