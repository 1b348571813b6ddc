// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "session/training/metrics_history.h"
#include "session/training/rate_meter.h"
#include "session/training/recipe_draft.h"

using namespace dw;
using namespace dw::ui;

class TestRecipeDraft : public QObject {
  Q_OBJECT

  static config::DatasetShape demoShape() {
    return {.samples = 2048, .crops = 3, .channels = 4, .height = 32, .width = 32, .classes = 6};
  }
  static QString key(const char* text) { return QLatin1String(text); }

 private Q_SLOTS:
  void editsAndStartsOver() {
    RecipeDraft draft;
    QSignalSpy changed(&draft, &RecipeDraft::changed);
    QCOMPARE(draft.baseName(), QStringLiteral("quick"));
    QVERIFY(!draft.isModified());
    draft.setField(key("train.batch"), QStringLiteral("64"));
    QCOMPARE(draft.recipe().train.batch, 64);
    QCOMPARE(changed.size(), 1);
    QVERIFY(draft.isModified());
    draft.setField(key("train.batch"), QStringLiteral("64"));
    QCOMPARE(changed.size(), 1);
    draft.loadBuiltin(QStringLiteral("no such recipe"));
    QCOMPARE(draft.recipe().train.batch, 64);
    draft.loadBuiltin(QStringLiteral("tiny"));
    QCOMPARE(draft.recipe(), config::builtinRecipe("tiny"));
    QVERIFY(!draft.isModified());
  }

  void commasAreDecimalOrRefused() {
    RecipeDraft draft;
    draft.setField(key("optim.lr"), QStringLiteral("0,002"));
    QCOMPARE(draft.recipe().optim.lr, 0.002);
    draft.setField(key("optim.lr"), QStringLiteral("1,000"));
    QCOMPARE(draft.recipe().optim.lr, 0.002);
    QVERIFY(!draft.problemsOf(key("optim.lr")).empty());
    draft.setField(key("train.batch"), QStringLiteral("1,5"));
    QVERIFY(!draft.problemsOf(key("train.batch")).empty());
  }

  void weightsOfAFileFixTheModelUntilAnotherRecipeIsChosen() {
    RecipeDraft draft;
    draft.setField(key("model.dim"), QStringLiteral("wide"));
    draft.setField(key("train.batch"), QStringLiteral("64"));
    QVERIFY(!draft.problems().empty());
    auto model = draft.recipe().model;
    model.dim = 128;
    draft.setIgnoresExtras(true);
    draft.beginWith(QStringLiteral("/w.safetensors"), model);
    QCOMPARE(draft.recipe().model, model);
    QCOMPARE(draft.recipe().train.batch, 64);
    QCOMPARE(draft.text(key("model.dim")), QStringLiteral("128"));
    QVERIFY(draft.problems().empty());
    QCOMPARE(draft.weights(), QStringLiteral("/w.safetensors"));
    QVERIFY(!draft.ignoresExtras());  // of another file
    draft.beginFresh();
    QVERIFY(draft.weights().isEmpty());
    QCOMPARE(draft.recipe().model, model);
    draft.beginWith(QStringLiteral("/w.safetensors"), model);
    draft.loadBuiltin(QStringLiteral("tiny"));
    QVERIFY(draft.weights().isEmpty());
  }

  void textThatIsNoValueIsAProblemAndChangesNothing() {
    RecipeDraft draft;
    draft.setDatasetShape(demoShape());
    QVERIFY(draft.isReady());
    const auto before = draft.recipe();
    draft.setField(key("optim.lr"), QStringLiteral("fast"));
    QCOMPARE(draft.recipe(), before);
    QCOMPARE(draft.text(key("optim.lr")), QStringLiteral("fast"));
    QVERIFY(!draft.isReady());
    QVERIFY(draft.isModified());
    const auto problems = draft.problemsOf(key("optim.lr"));
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(!draft.whyNotReady().isEmpty());
    draft.setField(key("optim.lr"), QString::fromStdString(problems[0].fix));
    QVERIFY(draft.isReady());
    QCOMPARE(draft.recipe(), before);
  }

  void readyNeedsAFittingDataset() {
    RecipeDraft draft;
    QVERIFY(!draft.isReady());
    QVERIFY(draft.whyNotReady().contains(QStringLiteral("dataset")));
    draft.setDatasetShape(demoShape());
    QVERIFY(draft.isReady());
    QVERIFY(draft.whyNotReady().isEmpty());
    auto odd = demoShape();
    odd.width = 33;
    draft.setDatasetShape(odd);
    QVERIFY(!draft.isReady());
    odd = demoShape();
    odd.samples = 10;
    draft.setDatasetShape(odd);
    QVERIFY(!draft.isReady());
    QVERIFY(!draft.problemsOf(key("train.batch")).empty());
    draft.setDatasetShape(std::nullopt);
    QVERIFY(!draft.isReady());
  }

  void rateLeavesOutliersOut() {
    RateMeter meter;
    QCOMPARE(meter.stepsPerSecond(), 0.0);
    for (int i = 0; i < 100; ++i) meter.add(i % 25 == 24 ? 0.9 : 0.02);  // four steps waited for a disk
    meter.add(-1.0);
    meter.add(std::nan(""));
    QVERIFY2(std::abs(meter.stepsPerSecond() - 50.0) < 0.01, qPrintable(QString::number(meter.stepsPerSecond())));
    for (int i = 0; i < 600; ++i) meter.add(0.01);  // a new speed takes over
    QVERIFY(std::abs(meter.stepsPerSecond() - 100.0) < 0.01);
    meter.clear();
    for (int i = 0; i < 5; ++i) meter.add(30.0);  // slower than the window: the last steps still count
    QVERIFY(std::abs(meter.stepsPerSecond() - 1.0 / 30.0) < 1e-9);
  }

  void historyMergesWhatWasMissing() {
    const auto records = [](std::vector<std::int64_t> steps) {
      std::vector<messages::StepMetrics> all;
      for (const auto s : steps) all.push_back({.step = s, .loss = static_cast<double>(s)});
      return all;
    };
    MetricsHistory history;
    QVERIFY(history.append(records({1, 2, 3})));
    QVERIFY(!history.append(records({7, 8, 9})));
    QCOMPARE(history.missing(), 3);
    QVERIFY(history.append(records({8, 9, 10})));  // known ones are passed over
    MetricsHistory file;
    file.append(records({1, 2, 3, 4, 5, 6, 7, 8}));
    history.merge(std::move(file));
    QCOMPARE(history.step, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
    QCOMPARE(history.loss.back(), 10.0);
    QCOMPARE(history.missing(), 0);
  }
};

QTEST_APPLESS_MAIN(TestRecipeDraft)
#include "tst_recipe_draft.moc"
