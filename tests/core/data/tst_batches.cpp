// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: batch_sampler, prefetcher
#include <QtTest>

#include <atomic>
#include <cmath>
#include <map>

#include "base/error.h"
#include "data/batch_sampler.h"
#include "data/prefetcher.h"

using namespace dw;
using namespace dw::data;

namespace {

/// Value of each number = 1000 * sample + crop; counts reads; can fail or be slow.
class FakeSource : public LatentSource {
 public:
  explicit FakeSource(int failAfter = 1 << 30, int delayMs = 0) : failAfter_(failAfter), delayMs_(delayMs) {
    info_.samples = 50;
    info_.crops = 3;
    info_.channels = 2;
    info_.height = info_.width = 4;
    info_.classes = 5;
    for (std::int64_t i = 0; i < info_.samples; ++i) labels_.push_back(i % 5);
  }
  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return labels_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    if (reads_++ >= failAfter_) throw Error(ErrorKind::BadData, "fake", "the file shrank");
    if (delayMs_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delayMs_));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      for (std::size_t k = 0; k < 32; ++k) out[i * 32 + k] = static_cast<float>(1000 * samples[i] + crops[i]);
    }
  }
  int reads() const { return reads_; }

 private:
  SourceInfo info_;
  std::vector<std::int64_t> labels_;
  int failAfter_, delayMs_;
  mutable std::atomic<int> reads_{0};
};

BatchSamplerSettings settings(std::string crop = "random") {
  return {.seed = 7, .batch = 16, .crop = std::move(crop), .allowed = {}};
}

}  // namespace

class TestBatches : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void plansArePureFunctions() {
    const BatchSampler one(settings(), 1000, 3), other(settings(), 1000, 3);
    for (const std::int64_t step : {0, 1, 99'999}) {
      QCOMPARE(one.plan(step).samples, other.plan(step).samples);
      QCOMPARE(one.plan(step).crops, other.plan(step).crops);
    }
    QVERIFY(one.plan(0).samples != one.plan(1).samples);
    QVERIFY(one.plan(0, 0).samples != one.plan(0, 1).samples);
    auto seeded = settings();
    seeded.seed = 8;
    QVERIFY(BatchSampler(seeded, 1000, 3).plan(0).samples != one.plan(0).samples);
    QCOMPARE(BatchSampler(settings("first"), 1000, 3).plan(5).samples, one.plan(5).samples);  // streams are independent
  }

  void drawsAreUniform() {
    const BatchSampler sampler(settings(), 10, 3);
    std::array<int, 10> seen{};
    std::array<int, 3> crops{};
    for (std::int64_t step = 0; step < 2000; ++step) {
      const auto plan = sampler.plan(step);
      for (const auto s : plan.samples) ++seen.at(static_cast<std::size_t>(s));
      for (const auto c : plan.crops) ++crops.at(static_cast<std::size_t>(c));
    }
    // 32000 draws: deviation of a count is about 54 (samples) and 84 (crops); six of them is a limit never met by chance
    for (const int n : seen) QVERIFY2(std::abs(n - 3200) < 330, qPrintable(QString::number(n)));
    for (const int n : crops) QVERIFY2(std::abs(n - 10667) < 510, qPrintable(QString::number(n)));
  }

  void cropsAndAllowedSamples() {
    for (const auto c : BatchSampler(settings("2"), 10, 3).plan(0).crops) QCOMPARE(c, std::int64_t{2});
    for (const auto c : BatchSampler(settings("first"), 10, 3).plan(0).crops) QCOMPARE(c, std::int64_t{0});
    for (const char* bad : {"3", "-1", "middle", "", "1x"})
      QVERIFY_EXCEPTION_THROWN(BatchSampler(settings(bad), 10, 3), Error);
    auto some = settings();
    some.allowed = {4, 8};
    for (const auto s : BatchSampler(some, 10, 3).plan(0).samples) QVERIFY(s == 4 || s == 8);
    some.allowed = {10};
    QVERIFY_EXCEPTION_THROWN(BatchSampler(some, 10, 3), Error);
  }

  void anEpochShowsEachSampleOnce() {
    for (const std::int64_t count : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097}) {
      std::vector<std::int64_t> first;
      for (const std::int64_t epoch : {0, 1, 2}) {
        std::vector<std::int64_t> order;
        for (std::int64_t i = 0; i < count; ++i) order.push_back(shuffledIndex(7, epoch, i, count));
        if (epoch > 0 && count > 16) QVERIFY(order != first);
        if (epoch == 0) first = order;
        std::sort(order.begin(), order.end());
        for (std::int64_t i = 0; i < count; ++i) QCOMPARE(order[static_cast<std::size_t>(i)], i);
      }
    }
    QVERIFY(shuffledIndex(7, 3, 5, 1'000'000) != shuffledIndex(8, 3, 5, 1'000'000));
  }

  /// Over many epochs each sample stands at each place equally often: 20000 epochs of 10 give 2000 +- 42 each.
  void epochsAreShuffledEvenly() {
    std::array<std::array<int, 10>, 10> seen{};
    for (std::int64_t epoch = 0; epoch < 20'000; ++epoch) {
      for (std::int64_t i = 0; i < 10; ++i)
        ++seen.at(static_cast<std::size_t>(i)).at(static_cast<std::size_t>(shuffledIndex(1, epoch, i, 10)));
    }
    for (const auto& place : seen)
      for (const int n : place) QVERIFY2(std::abs(n - 2000) < 260, qPrintable(QString::number(n)));
  }

  void epochModeOverStepsAndMicroBatches() {
    auto s = settings("first");
    s.order = config::SampleOrder::Epoch;
    s.accumulation = 2;
    s.batch = 8;
    s.allowed = {3, 1, 4, 15, 9, 2, 6, 5, 35, 8, 97, 93};
    const BatchSampler sampler(s, 100, 3);
    std::map<std::int64_t, int> seen;
    for (std::int64_t step = 0; step < 3; ++step) {  // 48 draws of 12 samples: four epochs
      for (std::int64_t micro = 0; micro < 2; ++micro)
        for (const auto sample : sampler.plan(step, micro).samples) ++seen[sample];
    }
    QCOMPARE(seen.size(), std::size_t{12});
    for (const auto& [sample, times] : seen) QCOMPARE(times, 4);
    QCOMPARE(BatchSampler(s, 100, 3).plan(2, 1).samples, sampler.plan(2, 1).samples);
  }

  void twoPercentAreHeldOut() {
    QVERIFY(trainingSamples(499, true).empty());
    for (const std::int64_t count : {500, 119'829}) {
      const auto kept = trainingSamples(count, true);
      const auto held = count - static_cast<std::int64_t>(kept.size());
      const double deviation = std::sqrt(static_cast<double>(count) * 0.02 * 0.98);
      QVERIFY2(std::abs(static_cast<double>(held) - 0.02 * static_cast<double>(count)) < 4 * deviation,
               qPrintable(QString::number(held)));
      for (const auto i : kept) QVERIFY(!isHeldOut(i, count));
    }
    // growing data keep their split
    const auto small = trainingSamples(500, true), large = trainingSamples(1000, true);
    QVERIFY(std::equal(small.begin(), small.end(), large.begin()));
  }

  void skippedSamplesAreNotDrawn() {
    QVERIFY(trainingSamples(5, false).empty());
    const std::vector<std::int64_t> skipped{1, 4};
    QCOMPARE(trainingSamples(5, false, skipped), (std::vector<std::int64_t>{0, 2, 3}));
    QCOMPARE(trainingSamples(5, true, skipped), (std::vector<std::int64_t>{0, 2, 3}));
    const std::vector<std::int64_t> all{0, 1};
    QVERIFY_EXCEPTION_THROWN(trainingSamples(2, false, all), Error);
  }

  void channelsAreStandardizedAndBroughtBack() {
    dw::config::DataSettings wanted;
    wanted.scale = 2.0;
    wanted.standardize = true;
    ChannelStatistics statistics;
    statistics.channels = {{.mean = 3.0, .std = 0.5}, {.mean = -1.0, .std = 0.0}};
    const auto scale = valueScale(wanted, statistics);
    std::vector<float> values{3, 4, -1, 1, 2, 3, -1, 0};  // [2, 2, 1, 2]
    const auto stored = values;
    scale.apply(values, 2, 2);
    QCOMPARE(values, (std::vector<float>{0, 4, 0, 4, -4, 0, 0, 2}));
    scale.undo(values, 2, 2);
    QCOMPARE(values, stored);
    QVERIFY(valueScaleFrom(toJson(scale), 2) == scale);
    QVERIFY_EXCEPTION_THROWN(valueScaleFrom(toJson(scale), 3), Error);
    for (const char* bad : {"null", "{}", R"({"mean": [], "factor": [0, 1]})", R"({"mean": ["a", 1], "factor": []})"})
      QVERIFY_EXCEPTION_THROWN(valueScaleFrom(nlohmann::json::parse(bad), 2), Error);
    wanted.standardize = false;
    QCOMPARE(valueScale(wanted, statistics).factor, (std::vector<double>{2.0, 2.0}));
    wanted.scale = 1.0;
    QVERIFY(valueScale(wanted, statistics) == ValueScale{});
  }

  void flipsMirrorHalfOfTheSamples() {
    auto s = settings();
    const auto without = BatchSampler(s, 50, 3).plan(4);
    QVERIFY(without.flips.empty());
    s.flip = true;
    const BatchSampler sampler(s, 50, 3);
    QCOMPARE(sampler.plan(4).samples, without.samples);  // a stream of its own
    QCOMPARE(sampler.plan(4).crops, without.crops);
    int flipped = 0;
    for (std::int64_t step = 0; step < 1000; ++step) {
      const auto plan = sampler.plan(step);
      flipped += static_cast<int>(std::count(plan.flips.begin(), plan.flips.end(), 1));
    }
    QVERIFY2(std::abs(flipped - 8000) < 380, qPrintable(QString::number(flipped)));  // 16000 draws, deviation 63

    class Ramp : public FakeSource {
      void read(std::span<const std::int64_t> samples, std::span<const std::int64_t>,
                std::span<float> out) const override {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i % (out.size() / samples.size()));
      }
    };
    Batch batch;
    batch.step = 4;
    readBatch(Ramp(), sampler, {}, batch);
    QCOMPARE(batch.flips, sampler.plan(4).flips);
    for (std::size_t i = 0; i < batch.values.size(); ++i) {
      const auto k = i % 32, x = k % 4;  // 2 x 4 x 4 numbers a sample
      QCOMPARE(batch.values[i], static_cast<float>(batch.flips[i / 32] != 0 ? k - x + 3 - x : k));
    }
  }

  void prefetchedEqualsDirect() {
    const auto source = std::make_shared<FakeSource>();
    const BatchSampler sampler(settings(), 50, 3);
    for (const int depth : {1, 4}) {
      Prefetcher prefetcher(source, sampler,
                            {.firstStep = 100,
                             .accumulation = 2,
                             .scale = {{}, std::vector<double>(static_cast<std::size_t>(source->info().channels), 0.5)},
                             .depth = depth});
      for (std::int64_t i = 0; i < 40; ++i) {
        const auto& batch = prefetcher.next();
        QCOMPARE(batch.step, 100 + i / 2);
        QCOMPARE(batch.microBatch, i % 2);
        Batch direct;
        direct.step = batch.step;
        direct.microBatch = batch.microBatch;
        readBatch(*source, sampler,
                  {.scale = {{}, std::vector<double>(static_cast<std::size_t>(source->info().channels), 0.5)}}, direct);
        QCOMPARE(batch.values, direct.values);
        QCOMPARE(batch.labels, direct.labels);
        QCOMPARE(batch.labels[0], batch.samples[0] % 5);
        QCOMPARE(batch.values[0], 0.5F * static_cast<float>(1000 * batch.samples[0] + batch.crops[0]));
      }
    }
  }

  void aBatchStaysValidUntilTheNext() {
    const auto source = std::make_shared<FakeSource>();
    Prefetcher prefetcher(source, BatchSampler(settings(), 50, 3), {.depth = 1});
    for (int i = 0; i < 200; ++i) {
      const auto& batch = prefetcher.next();
      const auto copy = batch.values;
      std::this_thread::yield();
      QCOMPARE(batch.values, copy);  // the reader must not touch it; TSan sees it if it does
    }
  }

  void readsAheadButNotWithoutEnd() {
    const auto source = std::make_shared<FakeSource>();
    const Prefetcher prefetcher(source, BatchSampler(settings(), 50, 3), {.depth = 3});
    QTRY_VERIFY(source->reads() >= 3);
    QTest::qSleep(50);
    QVERIFY(source->reads() <= 4);
  }

  void failureReachesTheConsumer() {
    Prefetcher prefetcher(std::make_shared<FakeSource>(5), BatchSampler(settings(), 50, 3), {.depth = 2, .readers = 1});
    for (int i = 0; i < 5; ++i) QCOMPARE(prefetcher.next().step, std::int64_t{i});
    QVERIFY_EXCEPTION_THROWN(prefetcher.next(), Error);
    QVERIFY_EXCEPTION_THROWN(prefetcher.next(), Error);
  }

  /// Several readers: which batch meets the failing read is open, but all before it come, in order, and nothing after.
  void batchesBeforeAFailureComeInOrder() {
    for (int readers = 2; readers <= 4; ++readers) {
      Prefetcher prefetcher(std::make_shared<FakeSource>(20, 1), BatchSampler(settings(), 50, 3), {.readers = readers});
      std::int64_t next = 0;
      try {
        for (; next <= 20; ++next) QCOMPARE(prefetcher.next().step, next);
      } catch (const Error&) {
      }
      QVERIFY2(next <= 20 && next > 20 - readers, qPrintable(QString::number(next)));
      QVERIFY_EXCEPTION_THROWN(prefetcher.next(), Error);
    }
  }

  void shutsDownAtAnyMoment() {
    for (int i = 0; i < 50; ++i) {
      Prefetcher prefetcher(std::make_shared<FakeSource>(1 << 30, i % 3), BatchSampler(settings(), 50, 3),
                            {.depth = 1 + i % 4});
      for (int k = 0; k < i % 6; ++k) prefetcher.next();
    }
  }
};

QTEST_APPLESS_MAIN(TestBatches)
#include "tst_batches.moc"
