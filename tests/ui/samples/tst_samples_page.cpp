// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

#include "fake_source.h"
#include "fake_task.h"
#include "panels/samples/process_player.h"
#include "panels/samples/samples_page.h"
#include "panels/samples/training_strip.h"
#include "pictures/picture_sheet.h"
#include "pictures/sample_strip.h"
#include "session/dataset_session.h"
#include "session/runs_session.h"
#include "session/training_session.h"

using namespace dw;

namespace {

/// Picture k of seed s holds k + s everywhere; on the way there the state is the share of the way times that.
class FakeSamplingModel : public run::SamplingModel {
 public:
  FakeSamplingModel() {
    info_.step = 7;
    info_.channels = 4;
    info_.height = info_.width = 4;
    info_.model.classCond = 2;
    info_.classNames = {"circle", "square"};
  }
  const run::SampledModel& info() const override { return info_; }
  Problems check(const run::SampleRequest& request) const override {
    if (request.guidance == 1.0 || !request.labels.empty()) return {};
    return {{.field = "guidance", .severity = Severity::Error, .sentence = "guidance needs something to guide to", .remedy = "give a label, or use 1", .fix = "1"}};
  }
  run::SampleResult sample(const run::SampleRequest& request, const run::EachSampleState& each, std::stop_token) override {
    const auto size = static_cast<std::size_t>(info_.channels * info_.height * info_.width);
    std::vector<float> end;
    for (std::int64_t k = 0; k < request.count; ++k) end.insert(end.end(), size, static_cast<float>(k) + static_cast<float>(request.seed));
    for (std::int64_t step = 1; step <= request.steps; ++step) {
      std::this_thread::sleep_for(stepTime);
      ++calls;
      auto x = end;
      for (auto& value : x) value *= static_cast<float>(step) / static_cast<float>(request.steps);
      if (each && !each({.step = step, .steps = request.steps, .t = 1000.0 - static_cast<double>(step), .first = 0, .count = request.count, .x = x, .x0 = end})) {
        return {.cancelled = true, .values = {}};
      }
    }
    return {.cancelled = false, .values = end};
  }

  std::chrono::milliseconds stepTime{0};
  std::atomic<int> calls{0};

 private:
  run::SampledModel info_;
};

}  // namespace

class TestSamplesPage : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::shared_ptr<FakeSamplingModel> model_;
  std::unique_ptr<ui::TrainingSession> training_;
  std::unique_ptr<ui::DatasetSession> dataset_;
  std::unique_ptr<ui::RunsSession> runs_;
  std::unique_ptr<ui::SamplesPage> page_;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  void click(const char* name) { QTest::mouseClick(child<QAbstractButton>(name), Qt::LeftButton); }
  /// A run with one checkpoint, chosen on the page.
  void train() {
    run::RunRequest request;
    request.recipe = config::builtinRecipe("quick");
    request.data = "demo";
    request.recipe.train.steps = 40;
    request.folder = folder_->filePath(QStringLiteral("run")).toStdString();
    QVERIFY(training_->start(request));
    QTRY_COMPARE_WITH_TIMEOUT(training_->state(), run::State::Finished, 30'000);
    runs_->refresh();
    QTRY_VERIFY_WITH_TIMEOUT(child<QAbstractButton>("sampleGo")->isEnabled(), 20'000);
  }
  void sample() {
    QSignalSpy made(page_->sampling(), &ui::SamplingSession::made);
    click("sampleGo");
    QTRY_COMPARE_WITH_TIMEOUT(made.count(), 1, 20'000);
  }
  ui::PictureSheet* sheet() const { return child<ui::PictureSheet>("samplesSheet"); }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-samples-page"));
    QSettings().clear();
  }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    model_ = std::make_shared<FakeSamplingModel>();
    training_ = std::make_unique<ui::TrainingSession>(test::fakeTasks());
    dataset_ = std::make_unique<ui::DatasetSession>();
    runs_ = std::make_unique<ui::RunsSession>(folder_->path().toStdString());
    ui::SamplingTools tools{.open = [this](const std::filesystem::path&, bool) { return model_; },
                            .describe = [this](const std::filesystem::path&) { return model_->info(); },
                            .samplers = {{.name = "ddim"}, {.name = "euler", .leading = false}},
                            .spacings = {"trailing", "leading"}};
    page_ = std::make_unique<ui::SamplesPage>(tools, runs_.get(), training_.get(), dataset_.get());
    page_->resize(1208, 560);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }
  void cleanup() {
    page_.reset();
    runs_.reset();
    dataset_.reset();
    training_.reset();
    folder_.reset();
  }

  void emptyPageSaysWhatToDo() {
    QVERIFY(!child<QAbstractButton>("sampleGo")->isEnabled());
    QVERIFY(child<QLabel>("samplesEmpty")->text().contains(QStringLiteral("Train first")));
  }

  void samplesOfACheckpointAreShown() {
    train();
    child<QSpinBox>("sampleCount")->setValue(5);
    sample();
    QCOMPARE(sheet()->cells().size(), 5);
    QVERIFY(sheet()->cells()[0].picture.toImage() != sheet()->cells()[1].picture.toImage());
    QVERIFY(child<QLabel>("samplesNote")->text().contains(QStringLiteral("step 7")));
    child<QComboBox>("samplesKind")->setCurrentIndex(1);
    QCOMPARE(sheet()->cells()[0].picture.width(), 4 * sheet()->cells()[0].picture.height());
  }

  void classesAreAskedForByName() {
    train();
    auto* label = child<QComboBox>("sampleLabel");
    QTRY_COMPARE(label->count(), 4);
    label->setCurrentIndex(label->findText(QStringLiteral("square")));
    child<QSpinBox>("sampleCount")->setValue(2);
    sample();
    QCOMPARE(sheet()->cells()[1].caption, QStringLiteral("square"));
    label->setCurrentIndex(label->findData(-2));
    sample();
    QCOMPARE(sheet()->cells()[0].caption, QStringLiteral("circle"));
    QCOMPARE(sheet()->cells()[1].caption, QStringLiteral("square"));
  }

  void guidanceWithoutAClassIsRefusedAtTheForm() {
    train();
    auto* guidance = child<QLineEdit>("sampleGuidance");
    QTRY_VERIFY(guidance->isEnabled());
    guidance->setText(QStringLiteral("3"));
    click("sampleGo");
    auto* problem = child<QLabel>("sampleProblem");
    QTRY_VERIFY(problem->isVisible());
    QVERIFY(problem->text().contains(QStringLiteral("guidance needs")));
    QCOMPARE(model_->calls.load(), 0);
    guidance->setText(QStringLiteral("1"));
    sample();
    QVERIFY(!problem->isVisible());
  }

  void cancelIsAnsweredAtOnceAndEndsAfterThePresentCall() {
    train();
    model_->stepTime = std::chrono::milliseconds(100);
    QSignalSpy cancelled(page_->sampling(), &ui::SamplingSession::cancelled);
    click("sampleGo");
    QTRY_VERIFY(model_->calls.load() >= 1);
    QVERIFY(child<QProgressBar>("sampleProgress")->isVisible());
    click("sampleGo");
    QCOMPARE(child<QAbstractButton>("sampleGo")->text(), QStringLiteral("Cancelling …"));  // in the very click
    QTRY_COMPARE(cancelled.count(), 1);
    QVERIFY(model_->calls.load() < 50);
    QCOMPARE(child<QAbstractButton>("sampleGo")->text(), QStringLiteral("Sample"));
  }

  void processIsPlayedSteppedAndScrubbed() {
    train();
    child<QSpinBox>("sampleSteps")->setValue(20);
    sample();
    child<QTabWidget>("samplesTabs")->setCurrentIndex(1);
    auto* player = child<ui::ProcessPlayer>("processPlayer");
    auto* slider = child<QSlider>("processSlider");
    auto* strip = child<ui::SampleStrip>("processStrip");
    sheet()->setCurrent(2);  // its values end at 2
    QCOMPARE(slider->maximum(), 19);
    slider->setValue(9);
    QCOMPARE((*strip->entries()[0].values.values)[0], 1.0F);  // half of the way
    QCOMPARE((*strip->entries()[1].values.values)[0], 2.0F);
    click("processNext");
    QCOMPARE(slider->value(), 10);
    click("processBack");
    QCOMPARE(slider->value(), 9);
    click("processPlay");
    QVERIFY(player->isPlaying());
    QTRY_VERIFY(slider->value() > 9);
    click("processPlay");
    QVERIFY(!player->isPlaying());
    slider->setValue(18);
    QTest::keyClick(player, Qt::Key_Space);
    QTRY_VERIFY(!player->isPlaying());  // stops at the end
    QCOMPARE(slider->value(), 19);
  }

  void twoOrdersAreLaidSideBySide() {
    train();
    child<QSpinBox>("sampleSteps")->setValue(10);
    sample();
    click("samplesKeep");
    QVERIFY(!child<QAbstractButton>("samplesKeep")->isEnabled());
    child<QSpinBox>("sampleSteps")->setValue(20);
    child<QLineEdit>("sampleSeed")->setText(QStringLiteral("3"));
    sample();
    QVERIFY(child<QWidget>("samplesKeptSheet")->isVisible());
    child<QTabWidget>("samplesTabs")->setCurrentIndex(1);
    auto* strip = child<ui::SampleStrip>("processStrip");
    QCOMPARE(strip->entries().size(), 4);
    child<QSlider>("processSlider")->setValue(0);
    QVERIFY(strip->entries()[0].note.contains(QStringLiteral("step 1 of 10")));
    QVERIFY(strip->entries()[2].note.contains(QStringLiteral("step 1 of 20")));
    child<QTabWidget>("samplesTabs")->setCurrentIndex(2);
    auto* comparison = child<ui::SampleStrip>("comparisonStrip");
    QCOMPARE(comparison->entries().size(), 3);
    QCOMPARE((*comparison->entries()[2].values.values)[0], 3.0F);  // picture 0: B holds 3, A holds 0
    QVERIFY(child<QLabel>("comparisonNote")->text().contains(QStringLiteral("different noise")));
  }

  void picturesOfTrainingStandAlongTheSteps() {
    train();
    child<QTabWidget>("samplesTabs")->setCurrentIndex(3);
    QVERIFY(child<QLabel>("trainingStripNote")->text().contains(QStringLiteral("samples every")));
    QDir(folder_->filePath(QStringLiteral("run"))).mkpath(QStringLiteral("samples"));
    QImage picture(64, 32, QImage::Format_RGB32);
    picture.fill(Qt::red);
    for (const auto* name : {"step-0000500.png", "step-0000020.png"}) QVERIFY(picture.save(folder_->filePath(QStringLiteral("run/samples/") + QLatin1String(name))));
    QFile(folder_->filePath(QStringLiteral("run/samples/step-0000030.png"))).open(QIODevice::WriteOnly);  // empty: no picture
    auto* shown = child<ui::PictureSheet>("trainingSheet");
    QTRY_COMPARE_WITH_TIMEOUT(shown->cells().size(), 2, 10'000);
    QCOMPARE(shown->cells()[0].caption, QStringLiteral("step 20"));
  }
};

QTEST_MAIN(TestSamplesPage)
#include "tst_samples_page.moc"
