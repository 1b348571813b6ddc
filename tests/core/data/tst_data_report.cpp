// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "data/data_report.h"

using namespace dw;
using namespace dw::data;

namespace {

/// [samples, 1 crop, channels, 2, 2] from a rule.
class MadeSource : public LatentSource {
 public:
  using Rule = std::function<float(std::int64_t sample, std::int64_t channel, std::int64_t place)>;
  MadeSource(std::int64_t samples, std::int64_t channels, Rule rule) : rule_(std::move(rule)) {
    info_.path = "made.npy";
    info_.samples = samples;
    info_.channels = channels;
    info_.height = info_.width = 2;
  }
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t>, std::span<float> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      out[i] = rule_(samples[i / static_cast<std::size_t>(info_.sampleSize())], at / 4 % info_.channels, at % 4);
    }
  }

 private:
  SourceInfo info_;
  Rule rule_;
};

float sign(std::int64_t place) { return place % 2 == 0 ? 1.0F : -1.0F; }
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

/// What is said of the numbers of a dataset.
class TestDataReport : public QObject {
  Q_OBJECT

  static DataReport reportOf(const LatentSource& source) { return reportOn(source.info(), channelStatistics(source)); }

 private Q_SLOTS:
  void nothingIsWrong() {
    const auto report = reportOf(MadeSource(10, 2, [](auto, auto, auto place) { return 2.0F * sign(place); }));
    QVERIFY(report.problems.empty());
    QCOMPARE(report.notFinite, (std::vector<std::int64_t>{0, 0}));
    QCOMPARE(report.suggestedScale, 0.5);
    QVERIFY(!report.unevenChannels);
  }

  void notFinite() {
    const MadeSource source(10, 3, [](auto sample, auto channel, auto place) {
      const bool bad = (sample == 7 && channel == 1 && place == 0) || (sample == 9 && channel == 0 && place != 0);
      return bad ? (place == 3 ? std::numeric_limits<float>::infinity() : kNan) : sign(place);
    });
    const auto report = reportOf(source);
    QCOMPARE(report.problems.size(), std::size_t{1});
    const auto& problem = report.problems[0];
    QVERIFY(problem.severity == Severity::Error);
    QCOMPARE(problem.field, std::string("data"));
    QCOMPARE(problem.sentence,
             std::string("4 values are not finite (NaN or infinity); the first is in sample 7, crop 0, channel 1"));
    QCOMPARE(problem.remedy,
             std::string("leave out these 2 samples (data.skip_not_finite), or make the latents again"));
    QCOMPARE(report.notFinite, (std::vector<std::int64_t>{3, 1, 0}));
    QVERIFY(std::isfinite(report.suggestedScale));
    try {
      refuseUnfit(source);
      QFAIL("not refused");
    } catch (const Error& error) {
      QVERIFY(error.kind() == ErrorKind::BadData);
      QCOMPARE(error.what(), ("made.npy: " + problem.sentence).c_str());
      QCOMPARE(error.remedy(), problem.remedy);
    }
  }

  void oneValueIsSingular() {
    const auto report = reportOf(MadeSource(
        10, 1, [](auto sample, auto, auto place) { return sample == 2 && place == 1 ? kNan : sign(place); }));
    QCOMPARE(report.problems[0].sentence,
             std::string("1 value is not finite (NaN or infinity); the first is in sample 2, crop 0, channel 0"));
    QVERIFY(report.problems[0].remedy.starts_with("leave out that sample "));
  }

  /// Worth knowing, no reason to refuse.
  void aConstantChannel() {
    const MadeSource source(10, 3, [](auto, auto channel, auto place) { return channel == 2 ? 2.5F : sign(place); });
    const auto report = reportOf(source);
    QCOMPARE(report.problems.size(), std::size_t{1});
    const auto& problem = report.problems[0];
    QVERIFY(problem.severity == Severity::Warning);
    QCOMPARE(
        problem.sentence,
        std::string("channel 2 of the dataset has the same value (2.5) everywhere, so nothing can be learned from it"));
    QCOMPARE(problem.remedy, std::string("check how the file was written"));
    QCOMPARE(refuseUnfit(source).samplesRead, std::int64_t{10});
  }

  void errorsComeFirst() {
    const auto report = reportOf(MadeSource(10, 2, [](auto sample, auto channel, auto place) {
      return channel == 0 ? 1.0F : sample == 3 ? kNan : sign(place);
    }));
    QCOMPARE(report.problems.size(), std::size_t{2});
    QVERIFY(report.problems[0].severity == Severity::Error && report.problems[1].severity == Severity::Warning);
  }

  /// A channel without any finite value is no constant one.
  void aChannelOfNothing() {
    const auto report =
        reportOf(MadeSource(4, 2, [](auto, auto channel, auto place) { return channel == 0 ? kNan : sign(place); }));
    QCOMPARE(report.problems.size(), std::size_t{1});
    QVERIFY(report.problems[0].sentence.starts_with("16 values are not finite"));
    const auto empty = reportOf(MadeSource(4, 1, [](auto, auto, auto) { return kNan; }));
    QCOMPARE(empty.suggestedScale, 0.0);
  }

  void aScanThatWasStoppedIsReportedOn() {
    const MadeSource source(3'000'000, 1, [](auto, auto, auto place) { return sign(place); });
    const auto statistics = refuseUnfit(source, [](double) { return false; });
    QVERIFY(!statistics.complete && statistics.samplesRead < 3'000'000);
    QCOMPARE(reportOn(source.info(), statistics).notFinite, std::vector<std::int64_t>{0});
  }

  void evenChannelsNeedNoStandardizing() {
    const auto uneven = [](const std::vector<ChannelFacts>& channels) { return areUneven(channels); };
    QVERIFY(!uneven({{0.0, 1.0, 0, 0, 0}, {0.1, 1.2, 0, 0, 0}}));
    QVERIFY(uneven({{0.0, 1.0, 0, 0, 0}, {0.0, 1.8, 0, 0, 0}}));
    QVERIFY(uneven({{0.9, 1.0, 0, 0, 0}, {0.0, 1.0, 0, 0, 0}}));
    QVERIFY(!uneven({{9.0, 1.0, 0, 0, 0}}));
  }
};

QTEST_GUILESS_MAIN(TestDataReport)
#include "tst_data_report.moc"
