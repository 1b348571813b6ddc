// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include "training/device.h"
#include "training/memory_meter.h"

using dw::training::MemoryMeter;

class TestMemoryMeter : public QObject {
  Q_OBJECT

  static constexpr std::int64_t kFloats = 1 << 20;
  static constexpr std::uint64_t kBytes = 4U << 20;

  static void check(at::Device device, at::Device other) {
    const MemoryMeter meter(device.type());
    {
      const auto first = torch::empty({kFloats}, device);
      QVERIFY(meter.current() >= kBytes && meter.current() < 2 * kBytes);
      const auto elsewhere = torch::empty({kFloats}, other);
      if (device != other) QVERIFY(meter.current() < 2 * kBytes);
    }
    QCOMPARE(meter.current(), std::uint64_t{0});
    QVERIFY(meter.peak() >= kBytes);
  }

 private Q_SLOTS:
  void countsItsOwnDeviceOnly() {
    const at::Device cpu(at::kCPU);
    check(cpu, cpu);
    {
      const MemoryMeter ofGpu(at::kCUDA);
      const auto tensor = torch::empty({kFloats}, cpu);
      QCOMPARE(ofGpu.peak(), std::uint64_t{0});
    }
    if (!dw::training::whyNoCuda().empty()) return;
    const auto gpu = dw::training::openDevice(dw::config::Device::Cuda);
    check(gpu, cpu);
    check(cpu, gpu);
  }
};

QTEST_APPLESS_MAIN(TestMemoryMeter)
#include "tst_memory_meter.moc"
