// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "inference/sample_set.h"

using namespace dw;
using inference::FrameKeeper;
using inference::SampleRequest;
using inference::SampleSet;

namespace {

/// Pictures of one channel with two numbers; picture k holds k, 10 + k.
SampleSet pictures(std::int64_t count, std::vector<std::int64_t> labels) {
  SampleSet samples;
  samples.model.channels = samples.model.height = 1;
  samples.model.width = 2;
  samples.model.scale = {.mean = {3.0}, .factor = {0.5}};
  samples.model.classNames = {"circle", "square"};
  samples.request.count = count;
  samples.request.labels = std::move(labels);
  for (std::int64_t k = 0; k < count; ++k) {
    samples.values.push_back(static_cast<float>(k));
    samples.values.push_back(static_cast<float>(10 + k));
  }
  return samples;
}

}  // namespace

/// What becomes of samples once they are made.
class TestSampleSet : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void storedNumbersAreThoseOfTheDataset() {
    QCOMPARE(pictures(2, {}).stored(), (std::vector<float>{3.0F, 23.0F, 5.0F, 25.0F}));  // x / factor + mean
  }

  void labelsAreOneForAllOrOneForEach() {
    QCOMPARE(pictures(2, {}).labelOf(1), std::int64_t{-1});
    QCOMPARE(pictures(2, {1}).labelOf(1), std::int64_t{1});
    QCOMPARE(pictures(2, {1, 0}).labelOf(1), std::int64_t{0});
  }

  void aDatasetHasLabelsIfEveryPictureHasOne() {
    const auto told = inference::sourceOf(pictures(3, {1}));
    QCOMPARE(told->info().samples, std::int64_t{3});
    QVERIFY(told->labels().size() == 3 && told->labels()[2] == 1);
    QCOMPARE(told->info().classNames, (std::vector<std::string>{"circle", "square"}));
    QVERIFY(inference::sourceOf(pictures(2, {1, -1}))->labels().empty());
    QVERIFY(inference::sourceOf(pictures(2, {}))->labels().empty());
  }

  void picturesComeOneForEachSample() {
    const auto plain = inference::picturesOf(pictures(3, {}));
    QCOMPARE(plain.size(), std::size_t{3});
    QVERIFY(plain[0].width == 2 && plain[0].height == 1);
    QCOMPARE(inference::picturesOf(pictures(3, {}), 0.0F).size(), std::size_t{6});  // each followed by its channel
  }

  /// Batches of one request come one after the other; of 300 steps every third is kept, and the last.
  void framesAreThinnedAndJoined() {
    auto samples = pictures(3, {});
    SampleRequest request;
    request.count = 3;
    request.steps = 301;
    FrameKeeper keeper(samples.model, request);
    for (const std::int64_t first : {0, 2}) {
      const std::int64_t count = first == 0 ? 2 : 1;
      for (std::int64_t step = 1; step <= 301; ++step) {
        const std::vector<float> x(static_cast<std::size_t>(2 * count), static_cast<float>(first)), x0(x.size(), 9.0F);
        keeper.take({.step = step, .steps = 301, .t = 0.5, .first = first, .count = count, .x = x, .x0 = x0});
      }
    }
    keeper.moveInto(samples);
    QCOMPARE(samples.kept, std::int64_t{3});
    QVERIFY(samples.frames.size() <= 101);
    QCOMPARE(samples.frames.back().step, std::int64_t{301});
    QCOMPARE(samples.frames.back().x, (std::vector<float>{0, 0, 0, 0, 2, 2}));
    QCOMPARE(samples.frames.front().x0.size(), std::size_t{6});
  }

  void onlyTheFirstPicturesAreKept() {
    auto samples = pictures(100, {});
    SampleRequest request;
    request.count = 100;
    request.steps = 1;
    FrameKeeper keeper(samples.model, request);
    keeper.take({.step = 1, .steps = 1, .t = 0.0, .first = 0, .count = 100, .x = samples.values, .x0 = samples.values});
    keeper.moveInto(samples);
    QCOMPARE(samples.kept, std::int64_t{64});
    QCOMPARE(samples.frames.at(0).x.size(), std::size_t{128});
  }
};

QTEST_APPLESS_MAIN(TestSampleSet)
#include "tst_sample_set.moc"
