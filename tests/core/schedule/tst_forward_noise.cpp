// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "formats/safetensors.h"
#include "schedule/forward_noise.h"

using namespace dw;
using namespace dw::schedule;

namespace {

std::filesystem::path goldenFolder() {
  const char* other = std::getenv("DWB_GOLDEN");
  return (other ? std::filesystem::path(other) : std::filesystem::path(DWB_SOURCE_DIR) / "tests/golden") / "schedule";
}

template <typename T>
std::vector<T> numbers(const formats::SafetensorsFile& file, const char* name) {
  const auto* entry = file.find(name);
  if (!entry) qFatal("no tensor %s", name);
  std::vector<T> out(entry->bytes / sizeof(T));
  file.read(*entry, std::as_writable_bytes(std::span(out)));
  return out;
}

NoiseSchedule scheduleOf(const nlohmann::json& config, const std::string& name) {
  config::ScheduleSettings settings{.kind = config::choiceNamed<config::ScheduleKind>("noise schedule", name)};
  settings.steps = config.value("num_train_timesteps", config.value("T", std::int64_t{1000}));
  settings.betaMin = config.value("beta_start", config.value("beta_min", 1e-4));
  settings.betaMax = config.value("beta_end", config.value("beta_max", 0.02));
  return makeNoiseSchedule(settings);
}

}  // namespace

class TestForwardNoise : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void goldenAddNoise_data();
  void goldenAddNoise();
  void termsOutsideAreRefused();
  void sameSeedSameNoise();
  void noiseIsStandardNormal();
  void typedLists_data();
  void typedLists();
};

void TestForwardNoise::goldenAddNoise_data() {
  QTest::addColumn<QString>("name");
  for (const auto* name : {"linear", "squaredcos_cap_v2", "sigmoid", "seed_formula_t0", "linear_zero_snr"}) {
    if (std::filesystem::exists(goldenFolder() / (std::string(name) + ".json")))
      QTest::newRow(name) << QString::fromLatin1(name);
  }
}

void TestForwardNoise::goldenAddNoise() {
  QFETCH(QString, name);
  const auto base = goldenFolder() / name.toStdString();
  const auto description = nlohmann::json::parse(std::ifstream(base.string() + ".json"));
  const formats::SafetensorsFile file(base.string() + ".safetensors");
  const auto schedule = scheduleOf(description["config"], name.toStdString());
  const auto x0 = numbers<float>(file, "in.x0"), eps = numbers<float>(file, "in.noise");
  const auto wanted = numbers<float>(file, "out32.add_noise");
  const auto times = numbers<std::int64_t>(file, "in.timesteps");
  const auto size = x0.size() / times.size();
  std::vector<float> got(x0.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    addNoise(std::span(x0).subspan(i * size, size), std::span(eps).subspan(i * size, size),
             forwardTerms(schedule, times[i]), std::span(got).subspan(i * size, size));
  }
  float worst = 0.0F, largest = 0.0F;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(got[i] - wanted[i]));
    largest = std::max(largest, std::abs(wanted[i]));
  }
  QVERIFY2(worst <= 1e-5F * largest, qPrintable(QString::number(static_cast<double>(worst))));
}

void TestForwardNoise::termsOutsideAreRefused() {
  const auto schedule = makeNoiseSchedule({.kind = config::ScheduleKind::Linear, .steps = 10});
  QVERIFY_EXCEPTION_THROWN(forwardTerms(schedule, 10), Error);
  QVERIFY_EXCEPTION_THROWN(forwardTerms(schedule, -1), Error);
  const auto last = forwardTerms(schedule, 9);
  QVERIFY(std::abs(last.signal * last.signal + last.sigma * last.sigma - 1.0) < 1e-12);
}

void TestForwardNoise::sameSeedSameNoise() {
  const auto a = noiseOfSeed(3, 100);
  QCOMPARE(noiseOfSeed(3, 100), a);
  const auto longer = noiseOfSeed(3, 200);
  QVERIFY(std::equal(a.begin(), a.end(), longer.begin()));
  QVERIFY(noiseOfSeed(4, 100) != a);
}

void TestForwardNoise::noiseIsStandardNormal() {
  const auto noise = noiseOfSeed(0, 100'000);
  double sum = 0.0, squares = 0.0;
  for (const float value : noise) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double n = static_cast<double>(noise.size());
  QVERIFY(std::abs(sum / n) < 0.02);            // six deviations of the mean
  QVERIFY(std::abs(squares / n - 1.0) < 0.03);  // likewise of the variance
}

void TestForwardNoise::typedLists_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QList<qint64>>("values");
  QTest::addColumn<int>("problems");
  QTest::newRow("commas") << "0, 250,500" << QList<qint64>{0, 250, 500} << 0;
  QTest::newRow("blanks") << " 999 0 ;7 " << QList<qint64>{999, 0, 7} << 0;
  QTest::newRow("outside") << "0, 1000" << QList<qint64>{0} << 1;
  QTest::newRow("negative") << "-1" << QList<qint64>{} << 1;
  QTest::newRow("no number") << "0, half" << QList<qint64>{0} << 1;
  QTest::newRow("fraction") << "1.5" << QList<qint64>{} << 1;
  QTest::newRow("too large for any integer") << "99999999999999999999" << QList<qint64>{} << 1;
  QTest::newRow("nothing") << "  " << QList<qint64>{} << 1;
}

void TestForwardNoise::typedLists() {
  QFETCH(QString, text);
  QFETCH(QList<qint64>, values);
  QFETCH(int, problems);
  const auto list = parseTimesteps(text.toStdString(), 1000);
  QCOMPARE(QList<qint64>(list.values.begin(), list.values.end()), values);
  QCOMPARE(static_cast<int>(list.problems.size()), problems);
  for (const auto& problem : list.problems) {
    QCOMPARE(problem.field, std::string("t"));
    QVERIFY(!problem.sentence.empty() && !problem.remedy.empty());
  }
}

QTEST_APPLESS_MAIN(TestForwardNoise)
#include "tst_forward_noise.moc"
