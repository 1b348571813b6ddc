// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: bounded_queue, spsc_ring
#include <QTest>
#include <array>
#include <thread>

#include "base/bounded_queue.h"
#include "base/spsc_ring.h"

using namespace dw;

/// The channels between training thread and display; meant to run under TSan.
class TestChannels : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ringKeepsOrderAcrossThreads() {
    constexpr std::uint64_t kCount = 200'000;
    SpscRing<std::uint64_t, 256> ring;
    std::jthread producer([&] {
      for (std::uint64_t i = 0; i < kCount;) {
        if (ring.push(i))
          ++i;
        else
          std::this_thread::yield();
      }
    });
    std::array<std::uint64_t, 100> out{};
    std::uint64_t next = 0;
    while (next < kCount) {
      const auto got = ring.pop(out);
      for (std::size_t i = 0; i < got; ++i) QCOMPARE(out[i], next++);
    }
    QCOMPARE(ring.pop(out), std::size_t{0});
  }

  void fullRingCountsWhatItDrops() {
    SpscRing<int, 4> ring;
    for (int i = 0; i < 7; ++i) QCOMPARE(ring.push(i), i < 4);
    QCOMPARE(ring.dropped(), std::uint64_t{3});
    std::array<int, 8> out{};
    QCOMPARE(ring.pop(out), std::size_t{4});
    QCOMPARE(out[3], 3);
    QVERIFY(ring.push(9));
  }

  void queueRefusesWhenFullAndDrainsInOrder() {
    BoundedQueue<std::string> queue(2);
    QVERIFY(queue.tryPush("a"));
    QVERIFY(queue.tryPush("b"));
    QVERIFY(!queue.tryPush("c"));
    QCOMPARE(queue.drain(), (std::vector<std::string>{"a", "b"}));
    QVERIFY(!queue.tryPop().has_value());
  }

  void waitingEndsByValueOrStop() {
    BoundedQueue<int> queue(8);
    std::stop_source stop;
    std::optional<int> first, second{5};
    std::jthread waiter([&] {
      first = queue.waitPop(stop.get_token());
      second = queue.waitPop(stop.get_token());
    });
    queue.tryPush(7);
    while (!queue.drain().empty()) queue.tryPush(7);  // until the waiter has taken it
    stop.request_stop();
    waiter.join();
    QVERIFY(first == 7 || !first.has_value());
    QVERIFY(!second.has_value());
  }
};

QTEST_APPLESS_MAIN(TestChannels)
#include "tst_channels.moc"
