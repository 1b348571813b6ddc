// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include <chrono>
#include <thread>

#include "training/device.h"
#include "training/phase_clock.h"

using namespace std::chrono_literals;

/// Only bounds that sleeping and measuring around guarantee, however busy the machine is.
class TestPhaseClock : public QObject {
  Q_OBJECT

  static double milliseconds(std::chrono::steady_clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
  }

 private Q_SLOTS:
  void microBatchesAddUp() {
    dw::training::PhaseClock clock{at::Device(at::kCPU)};
    for (int update = 0; update < 2; ++update) {  // nothing of an earlier update stays
      const auto began = std::chrono::steady_clock::now();
      clock.begin();
      for (int micro = 0; micro < 2; ++micro) {
        std::this_thread::sleep_for(4ms);
        clock.forwardEnds();
        std::this_thread::sleep_for(8ms);
        clock.backwardEnds();
      }
      std::this_thread::sleep_for(2ms);
      const auto times = clock.end();
      const double whole = milliseconds(std::chrono::steady_clock::now() - began);
      QVERIFY(times.forward >= 8.0);
      QVERIFY(times.backward >= 16.0);
      QVERIFY(times.optimizer >= 2.0);
      QVERIFY(times.forward + times.backward + times.optimizer <= whole);
    }
  }

  void gpuIsTimedByItsOwnQueue() {
    if (!dw::training::whyNoCuda().empty()) QSKIP("no GPU");
    const auto device = dw::training::openDevice(dw::config::Device::Cuda);
    dw::training::PhaseClock clock(device);
    const auto a = torch::randn({4096, 4096}, device);
    torch::mm(a, a).sum().item<float>();  // loads the libraries
    clock.begin();
    clock.forwardEnds();
    const auto c = torch::mm(torch::mm(a, a), a);
    clock.backwardEnds();
    c.sum().item<float>();
    const auto times = clock.end();
    QVERIFY(times.backward > times.forward);  // telling the GPU takes no time, working does
    QVERIFY(times.backward > 0.5);            // 275 GFLOP
  }
};

QTEST_APPLESS_MAIN(TestPhaseClock)
#include "tst_phase_clock.moc"
