// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <new>
#include <stdexcept>

#include "base/error.h"
#include "trainer/failure.h"

using namespace dw;

/// What users are told of what was thrown.
class TestFailure : public QObject {
  Q_OBJECT

  static messages::Failed told(const std::string& text) {
    return trainer::describeFailure(std::make_exception_ptr(std::runtime_error(text)), 7);
  }

 private Q_SLOTS:
  void memoryOfTheProcessorAndOfTheGpu() {
    for (
        const char* text :
        {"[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.",
         "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.18 GiB",
         "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"}) {
      const auto failure = told(text);
      QCOMPARE(failure.kind, ErrorKind::OutOfMemory);
      QVERIFY(failure.remedy.find("smaller batch") != std::string::npos);
      QCOMPARE(failure.step, std::int64_t{7});
    }
    QCOMPARE(trainer::describeFailure(std::make_exception_ptr(std::bad_alloc()), 7).kind, ErrorKind::OutOfMemory);
  }

  void adviceOnAllocatorSettingsIsLeftOut() {
    const auto failure = told(
        "CUDA out of memory. Tried to allocate 2.00 GiB. If reserved but unallocated memory is large try setting X=1 to avoid it.");
    QVERIFY(failure.sentence.find("2.00 GiB") != std::string::npos);
    QVERIFY(failure.sentence.find("X=1") == std::string::npos);
    const auto longer = told(
        "CUDA out of memory. Tried to allocate 11.13 GiB. GPU 0 has a total capacity of 79.18 GiB of which 8.33 GiB is free. "
        "Including non-PyTorch memory, this process has 70.33 GiB memory in use. Of the allocated memory 69.49 GiB is allocated by PyTorch.");
    QVERIFY(longer.sentence.ends_with("of which 8.33 GiB is free.)"));
  }

  /// LibTorch appends the calls that led there, and they always name std::allocator.
  void callsBelowTheMessageDecideNothing() {
    const auto failure = told(
        "The size of tensor a (3) must match\nException raised from main at t.cpp:4 (most recent call first):\n"
        "frame #0: c10::Error::Error(std::__cxx11::basic_string<char, std::allocator<char> >) + 0x9d");
    QCOMPARE(failure.kind, ErrorKind::Internal);
    QVERIFY(failure.sentence.ends_with("The size of tensor a (3) must match"));
  }

  void ownErrorsKeepKindAndRemedy() {
    const auto failure = trainer::describeFailure(
        std::make_exception_ptr(Error(ErrorKind::DiskFull, "the disk is full", "free some space")), 7);
    QCOMPARE(failure.kind, ErrorKind::DiskFull);
    QCOMPARE(failure.remedy, std::string("free some space"));
  }
};

QTEST_APPLESS_MAIN(TestFailure)
#include "tst_failure.moc"
