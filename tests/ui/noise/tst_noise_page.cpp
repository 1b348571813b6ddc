// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "data/open_options.h"
#include "fake_source.h"
#include "fake_task.h"
#include "panels/noise/contact_sheet.h"
#include "panels/noise/draws_view.h"
#include "panels/noise/noise_page.h"
#include "pictures/picture_sheet.h"
#include "pictures/sample_strip.h"
#include "plots/schedule_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/noise/live_predictor.h"
#include "session/noise/noise_lab.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"

using namespace dw;

class TestNoisePage : public QObject {
  Q_OBJECT

  std::shared_ptr<test::FakeSource> source_;
  std::unique_ptr<ui::TrainingSession> training_;
  std::unique_ptr<ui::RecipeDraft> draft_;
  std::unique_ptr<ui::DatasetSession> dataset_;
  std::unique_ptr<ui::NoiseLab> lab_;
  std::unique_ptr<ui::LivePredictor> predictor_;
  std::unique_ptr<ui::NoisePage> page_;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  void type(const char* name, const QString& text) {
    auto* field = child<QLineEdit>(name);
    field->setFocus();
    field->selectAll();
    QTest::keyClicks(field, text);
  }
  void open() {
    QSignalSpy opened(dataset_.get(), &ui::DatasetSession::opened);
    dataset_->open(QStringLiteral("/data/fake.h5"));
    QVERIFY(opened.wait());
    dataset_->stopCheckUp();
    QTRY_VERIFY(page_->lab()->hasSample());
  }
  ui::SampleStrip* strip() const { return child<ui::SampleStrip>("sampleStrip"); }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-noise-page"));
    QSettings().clear();
  }
  void init() {
    source_ = std::make_shared<test::FakeSource>(50);
    training_ = std::make_unique<ui::TrainingSession>(test::fakeTasks());
    draft_ = std::make_unique<ui::RecipeDraft>();
    dataset_ = std::make_unique<ui::DatasetSession>(
        nullptr, [this](const QString&, const data::OpenOptions&) { return source_; });
    lab_ = std::make_unique<ui::NoiseLab>(dataset_.get());
    predictor_ = std::make_unique<ui::LivePredictor>(lab_.get(), training_.get(), inference::ModelOpener());
    page_ =
        std::make_unique<ui::NoisePage>(lab_.get(), predictor_.get(), training_.get(), draft_.get(), dataset_.get());
    page_->resize(1208, 560);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }
  void cleanup() {
    page_.reset();
    predictor_.reset();
    lab_.reset();
    dataset_.reset();
    draft_.reset();
    training_.reset();
  }

  void emptyPageSaysWhatToDo() {
    QSignalSpy demo(page_.get(), &ui::NoisePage::demoRequested);
    QVERIFY(child<QAbstractButton>("noiseDemo")->isVisible());
    QTest::mouseClick(child<QAbstractButton>("noiseDemo"), Qt::LeftButton);
    QCOMPARE(demo.count(), 1);
    QVERIFY(child<ui::SchedulePlot>("schedulePlot")->pointCount() > 1000);  // curves need no data
  }

  void sliderMovesPicturesAndNumbers() {
    open();
    auto* slider = child<QSlider>("noiseTimeSlider");
    slider->setValue(0);
    const auto clean = strip()->pictureOf(2, 0);
    const auto noise = strip()->pictureOf(1, 0);
    slider->setValue(999);
    QVERIFY(strip()->pictureOf(2, 0) != clean);
    QCOMPARE(strip()->pictureOf(1, 0), noise);  // the same noise while t moves
    QCOMPARE(child<QLineEdit>("noiseTime")->text(), QStringLiteral("999"));
    QCOMPARE(child<ui::SchedulePlot>("schedulePlot")->time(), 999);
    // At the last step of 1000 next to nothing of x0 is left: x_t is the noise.
    const auto& entries = strip()->entries();
    const auto terms = schedule::forwardTerms(page_->lab()->curve()->tables, 999);
    const float wanted = static_cast<float>(terms.signal) * (*entries[0].values.values)[5] +
                         static_cast<float>(terms.sigma) * (*entries[1].values.values)[5];
    QCOMPARE((*entries[2].values.values)[5], wanted);
    QVERIFY(child<QLabel>("noiseFormula")->text().contains(QString::number(terms.sigma, 'f', 4)));
  }

  void typedTimeOutsideIsRefusedAtTheField() {
    open();
    type("noiseTime", QStringLiteral("250"));
    QCOMPARE(page_->lab()->t(), 250);
    type("noiseTime", QStringLiteral("1000"));
    auto* problem = child<QLabel>("noiseTimeProblem");
    QVERIFY(problem->isVisible());
    QVERIFY(problem->text().contains(QStringLiteral("0 to 999")));
    QVERIFY(page_->lab()->t() < 1000);
    type("noiseTime", QStringLiteral("5"));
    QVERIFY(!problem->isVisible());
    QCOMPARE(page_->lab()->t(), 5);
  }

  void newNoiseIsAnotherNoise() {
    open();
    const auto before = strip()->pictureOf(1, 2), x0 = strip()->pictureOf(0, 2);
    QTest::mouseClick(child<QAbstractButton>("newNoise"), Qt::LeftButton);
    QVERIFY(strip()->pictureOf(1, 2) != before);
    QCOMPARE(strip()->pictureOf(0, 2), x0);
  }

  void anotherSampleIsRead() {
    open();
    const auto before = *strip()->entries()[0].values.values;
    child<QSpinBox>("noiseSample")->setValue(6);
    QTRY_VERIFY(*strip()->entries()[0].values.values != before);
    QCOMPARE(strip()->entries()[0].values.values->front(), test::FakeSource::value(6, 0, 0));
  }

  void scheduleFieldsChangePicturesAtOnce() {
    open();
    child<QSlider>("noiseTimeSlider")->setValue(500);
    const auto before = strip()->pictureOf(2, 1);
    auto* kind = child<QComboBox>("scheduleKind");
    kind->setCurrentIndex(kind->findData(QStringLiteral("squaredcos_cap_v2")));
    Q_EMIT kind->activated(kind->currentIndex());
    QVERIFY(strip()->pictureOf(2, 1) != before);  // no event loop in between: the same frame
    QVERIFY(child<QAbstractButton>("scheduleUse")->isEnabled());
    QTest::mouseClick(child<QAbstractButton>("scheduleUse"), Qt::LeftButton);
    QCOMPARE(draft_->recipe().schedule.kind, config::ScheduleKind::SquaredCosine);
    QVERIFY(!child<QAbstractButton>("scheduleBack")->isVisible());
  }

  void impossibleFieldsAreToldAndMended_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("word");
    QTest::newRow("beta above 1") << "scheduleBetaMax"
                                  << "1.5"
                                  << "between 0 and 1";
    QTest::newRow("beta of 0") << "scheduleBetaMin"
                               << "0"
                               << "between 0 and 1";
    QTest::newRow("no number") << "scheduleBetaMin"
                               << "little"
                               << "no number";
    QTest::newRow("T of 0") << "scheduleSteps"
                            << "0"
                            << "between 1 and 1000000";
    QTest::newRow("T too large") << "scheduleSteps"
                                 << "10000000"
                                 << "between 1 and 1000000";
  }
  void impossibleFieldsAreToldAndMended() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    QFETCH(QString, word);
    const auto before = page_->lab()->curve();
    type(qPrintable(field), text);
    auto* problem = child<QLabel>("scheduleProblem");
    QVERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains(word), qPrintable(problem->text()));
    QVERIFY(!child<QAbstractButton>("scheduleUse")->isEnabled());
    QTest::mouseClick(child<QAbstractButton>("scheduleFix"), Qt::LeftButton);
    QVERIFY(!problem->isVisible());
    QCOMPARE(page_->lab()->curve()->tables.steps(), before->tables.steps());
  }

  void oneStepAndAMillion() {
    open();
    type("scheduleSteps", QStringLiteral("1"));
    QCOMPARE(page_->lab()->steps(), 1);
    QCOMPARE(page_->lab()->t(), 0);
    QVERIFY(!child<QSlider>("noiseTimeSlider")->isEnabled());
    type("scheduleSteps", QStringLiteral("1000000"));
    QTRY_COMPARE(page_->lab()->steps(), 1'000'000);
    child<QSlider>("noiseTimeSlider")->setValue(999'999);
    QCOMPARE(page_->lab()->t(), 999'999);
  }

  void curveIsDrawnByHand() {
    open();
    auto* kind = child<QComboBox>("scheduleKind");
    kind->setCurrentIndex(kind->findData(QStringLiteral("custom")));
    Q_EMIT kind->activated(kind->currentIndex());
    QVERIFY(!child<QLineEdit>("scheduleBetaMin")->isVisible());
    const auto before = page_->lab()->curvePoints();
    QVERIFY(before.size() >= 3);
    auto* plot = child<ui::SchedulePlot>("schedulePlot");
    auto* chart = child<QWidget>("scheduleChart");
    const auto at = [&](const schedule::CurvePoint& p) {
      return chart->mapFrom(plot, plot->handlePosition({p.share, p.alphaBar}));
    };
    const QPoint from = at(before[1]), to = from + QPoint(12, 8);
    QTest::mousePress(chart, Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, QPointF(to), chart->mapToGlobal(QPointF(to)), Qt::NoButton, Qt::LeftButton,
                     Qt::NoModifier);
    QCoreApplication::sendEvent(chart, &move);
    QTest::mouseRelease(chart, Qt::LeftButton, {}, to);
    const auto moved = page_->lab()->curvePoints();
    QVERIFY(moved[1].share > before[1].share && moved[1].alphaBar < before[1].alphaBar);
    QCOMPARE(child<QLineEdit>("schedulePoints")->text().toStdString(), page_->lab()->settings().points);
    QVERIFY(child<QAbstractButton>("scheduleUse")->isEnabled());
    type("schedulePoints", QStringLiteral("0:0.9,0.5:0.95,1:0.1"));  // rises
    QVERIFY(child<QLabel>("scheduleProblem")->isVisible());
    QCOMPARE(page_->lab()->curve()->settings.points, schedule::curveText(moved));  // the last possible one stays
  }

  void secondScheduleIsDrawnBeside() {
    auto* plot = child<ui::SchedulePlot>("schedulePlot");
    const int alone = plot->pointCount();
    auto* compared = child<QComboBox>("scheduleCompared");
    compared->setCurrentIndex(compared->findData(QStringLiteral("sigmoid")));
    Q_EMIT compared->activated(compared->currentIndex());
    QCOMPARE(plot->pointCount(), 2 * alone);
  }

  void chartsMoveTime() {
    open();
    auto* plot = child<ui::SchedulePlot>("schedulePlot");
    auto* chart = child<QWidget>("scheduleChart");
    QTest::mouseClick(chart, Qt::LeftButton, {}, chart->mapFrom(plot, plot->positionOf(1, 700)));
    QVERIFY(std::abs(page_->lab()->t() - 700) <= 5);  // a pixel is some steps wide
  }

  void contactSheetShowsTheList() {
    open();
    child<QTabWidget>("noiseTabs")->setCurrentIndex(1);
    type("sheetTimes", QStringLiteral("0, 500, 999"));
    auto* view = child<ui::PictureSheet>("sheetView");
    QCOMPARE(view->cells().size(), 3);
    QCOMPARE(view->cells()[1].caption, QStringLiteral("t = 500"));
    QVERIFY(view->cells()[0].picture.toImage() != view->cells()[2].picture.toImage());
    child<QComboBox>("sheetKind")->setCurrentIndex(1);
    QCOMPARE(view->cells()[0].picture.width(), 4 * view->cells()[0].picture.height());
    type("sheetTimes", QStringLiteral("0, 5000"));
    QVERIFY(child<QLabel>("sheetProblem")->isVisible());
    QVERIFY(child<QLabel>("sheetProblem")->text().contains(QStringLiteral("5000")));
    QTemporaryDir folder;
    QVERIFY(child<ui::ContactSheet>("contactSheet")->exportTo(folder.filePath(QStringLiteral("s.png"))));
    QVERIFY(!QImage(folder.filePath(QStringLiteral("s.png"))).isNull());
    QVERIFY(child<ui::ContactSheet>("contactSheet")->exportTo(folder.filePath(QStringLiteral("s.svg"))));
    QVERIFY(plotExports(folder));
  }

  void drawnTimestepsAreCounted() {
    QVERIFY(child<ui::DrawsView>("drawsView")->text().contains(QStringLiteral("Press Train")));
  }

  void recipeIsFollowedUntilAFieldIsChanged() {
    draft_->setField(QStringLiteral("schedule.steps"), QStringLiteral("400"));
    QCOMPARE(page_->lab()->steps(), 400);
    type("scheduleSteps", QStringLiteral("300"));
    draft_->setField(QStringLiteral("schedule.steps"), QStringLiteral("500"));
    QCOMPARE(page_->lab()->steps(), 300);
    QTest::mouseClick(child<QAbstractButton>("scheduleBack"), Qt::LeftButton);
    QCOMPARE(page_->lab()->steps(), 500);
  }

  void modelInTrainingIsAskedAndStampedWithItsStep() {
    open();
    auto* model = child<QComboBox>("noiseModel");
    model->setCurrentIndex(1);
    Q_EMIT model->activated(1);
    QVERIFY(child<QLabel>("noiseModelState")->text().contains(QStringLiteral("Press Train")));
    QTemporaryDir runs;
    trainer::FreshRun request;
    request.recipe = config::builtinRecipe("quick");
    request.data = "demo";
    request.recipe.train.steps = 1'000'000;
    request.folder = runs.filePath(QStringLiteral("run")).toStdString();
    QVERIFY(training_->start(request));
    QTRY_COMPARE_WITH_TIMEOUT(strip()->entries().size(), 6, 20'000);
    QCOMPARE(strip()->entries()[3].title, QStringLiteral("ε guessed"));
    QVERIFY(child<QLabel>("noiseModelState")->text().contains(QStringLiteral("of step")));
    const auto first = strip()->entries()[3].note;
    QTRY_VERIFY_WITH_TIMEOUT(strip()->entries()[3].note != first, 10'000);  // refreshed while it trains
    // The fake model answers eps-hat = x_t.
    child<QSlider>("noiseTimeSlider")->setValue(900);
    QTRY_COMPARE_WITH_TIMEOUT(*strip()->entries()[3].values.values, *strip()->entries()[2].values.values, 10'000);
    model->setCurrentIndex(0);
    Q_EMIT model->activated(0);
    QCOMPARE(strip()->entries().size(), 3);
    training_->stop();
    QTRY_COMPARE_WITH_TIMEOUT(training_->state(), messages::State::Finished, 20'000);
  }

  void everyControlHasANameAndAnAccessibleName() {
    open();
    for (const auto* widget : page_->findChildren<QWidget*>()) {
      const bool control =
          qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
          qobject_cast<const QSlider*>(widget) ||
          (qobject_cast<const QLineEdit*>(widget) && !qobject_cast<const QAbstractSpinBox*>(widget->parentWidget())) ||
          qobject_cast<const QAbstractSpinBox*>(widget);
      if (!control || widget->objectName().startsWith(QLatin1String("qt_")) ||
          qobject_cast<const QTabBar*>(widget->parentWidget()))
        continue;
      QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
               qPrintable(widget->objectName()));
    }
  }

 private:
  bool plotExports(const QTemporaryDir& folder) {
    auto* plot = child<ui::SchedulePlot>("schedulePlot");
    return plot->exportTo(folder.filePath(QStringLiteral("p.png"))) &&
           plot->exportTo(folder.filePath(QStringLiteral("p.svg"))) &&
           !QImage(folder.filePath(QStringLiteral("p.png"))).isNull() &&
           QFileInfo(folder.filePath(QStringLiteral("p.svg"))).size() > 1000;
  }
};

QTEST_MAIN(TestNoisePage)
#include "tst_noise_page.moc"
