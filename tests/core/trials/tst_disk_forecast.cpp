// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "config/recipe.h"
#include "trials/disk_forecast.h"

using namespace dw;

class TestDiskForecast : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void countsWhatACheckpointHolds() {
    const QTemporaryDir home;
    const auto runs = std::filesystem::path(home.path().toStdString()) / "not" / "there";
    auto recipe = config::builtinRecipe("lecture");
    recipe.optim.kind = config::OptimizerKind::Adam;
    recipe.ema.decay = 0.0;
    recipe.checkpoint = {.everyMinutes = 5.0, .every = 0, .keep = 3};
    const auto plain = trials::forecastDisk(recipe, 1000, 10'000, runs);
    QCOMPARE(plain.checkpointBytes, std::uint64_t{3 * 4 * 1000});
    QCOMPARE(plain.checkpoints, std::int64_t{5});
    QCOMPARE(plain.bytes(), 5 * plain.checkpointBytes + plain.metricsBytes);
    QVERIFY(plain.freeBytes > 0);
    recipe.ema.decay = 0.99;
    QCOMPARE(trials::forecastDisk(recipe, 1000, 10'000, runs).checkpointBytes, std::uint64_t{4 * 4 * 1000});
    recipe.optim.kind = config::OptimizerKind::Sgd;
    QCOMPARE(trials::forecastDisk(recipe, 1000, 10'000, runs).checkpointBytes, std::uint64_t{3 * 4 * 1000});
    QCOMPARE(trials::forecastDisk(recipe, 1000, 20'000, runs).metricsBytes, 2 * plain.metricsBytes);
    recipe.checkpoint = {.everyMinutes = 0.0, .every = 9'000, .keep = 3};
    QCOMPARE(trials::forecastDisk(recipe, 1000, 10'000, runs).checkpoints, std::int64_t{2});
  }

  void saysHowManyFit() {
    trials::DiskForecast forecast{.checkpointBytes = 100, .checkpoints = 5, .metricsBytes = 50, .freeBytes = 550};
    QVERIFY(forecast.fits());
    QCOMPARE(forecast.fittingKeep(), std::int64_t{3});
    forecast.freeBytes = 549;
    QVERIFY(!forecast.fits());
    QCOMPARE(forecast.fittingKeep(), std::int64_t{2});
    forecast.freeBytes = 349;
    QCOMPARE(forecast.fittingKeep(), std::int64_t{0});
    forecast.freeBytes = 10;
    QCOMPARE(forecast.fittingKeep(), std::int64_t{0});
  }
};

QTEST_APPLESS_MAIN(TestDiskForecast)
#include "tst_disk_forecast.moc"
