// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableWidget>
#include <QTemporaryFile>
#include <QTest>

#include "data/open_options.h"
#include "fake_source.h"
#include "panels/data/data_page.h"
#include "panels/data/histogram_view.h"
#include "panels/data/sample_grid.h"
#include "session/dataset/dataset_session.h"

using namespace dw;
using test::FakeSource;

class TestLimitsAndCheckUp : public QObject {
  Q_OBJECT

  std::shared_ptr<FakeSource> source_;
  std::unique_ptr<ui::DatasetSession> session_;
  std::unique_ptr<ui::DataPage> page_;
  ui::SampleGrid* grid_ = nullptr;
  ui::HistogramView* histogram_ = nullptr;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  QColor colourOf(qint64 sample) const {
    const QRect cell = grid_->cellRect(sample);
    return grid_->viewport()->grab().toImage().pixelColor(cell.center().x(), cell.top() + 20);
  }
  void openPage(std::shared_ptr<FakeSource> source, const QString& path = QStringLiteral("fake")) {
    source_ = std::move(source);
    session_ = std::make_unique<ui::DatasetSession>(
        nullptr, [this](const QString&, const data::OpenOptions&) { return source_; });
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->resize(1200, 620);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QSignalSpy opened(session_.get(), &ui::DatasetSession::opened);
    session_->open(path);
    QVERIFY(opened.wait());
    grid_ = child<ui::SampleGrid>("sampleGrid");
    histogram_ = child<ui::HistogramView>("histogram");
    QTRY_VERIFY(grid_->cachedPictures() >= 10);
  }
  QPoint handle(float value) const { return {histogram_->xOf(value), histogram_->height() / 2}; }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-limits"));
    QSettings().clear();
  }

  void cleanup() {
    page_.reset();
    session_.reset();
  }

  void draggingAHandleMovesBothAndPaintsAnewWithoutReading() {
    openPage(std::make_shared<FakeSource>(2000));
    session_->stopCheckUp();
    QTest::mouseClick(child<QAbstractButton>("kindOneChannel"), Qt::LeftButton);
    QTRY_VERIFY(child<QTableWidget>("sampleTable")->rowCount() == 4);
    QTest::qWait(100);
    const float before = histogram_->limit();
    const QColor strong = colourOf(0);
    const auto reads = source_->reads.load();
    // The right handle, outwards to the edge: larger limits, paler colours.
    QTest::mousePress(histogram_, Qt::LeftButton, {}, handle(before));
    QTest::mouseMove(histogram_, handle(before) + QPoint(15, 0));
    QTest::mouseMove(histogram_, handle(before) + QPoint(30, 0));
    QTest::mouseRelease(histogram_, Qt::LeftButton);
    QVERIFY2(histogram_->limit() > before * 1.05F, qPrintable(QString::number(histogram_->limit())));
    QVERIFY(histogram_->xOf(0) - histogram_->xOf(-histogram_->limit()) -
                (histogram_->xOf(histogram_->limit()) - histogram_->xOf(0)) <=
            1);
    QVERIFY(colourOf(0).green() > strong.green());
    QVERIFY(std::abs(child<QDoubleSpinBox>("limit")->value() - static_cast<double>(histogram_->limit())) < 0.001);
    QVERIFY(child<QLabel>("sampleColours")
                ->text()
                .contains(QString::number(static_cast<double>(histogram_->limit()), 'f', 3)));
    QCOMPARE(source_->reads.load(), reads);
    // The left handle, inwards: smaller limits.
    const float wide = histogram_->limit();
    QTest::mousePress(histogram_, Qt::LeftButton, {}, handle(-wide));
    QTest::mouseMove(histogram_, handle(-wide) + QPoint(60, 0));
    QTest::mouseRelease(histogram_, Qt::LeftButton);
    QVERIFY(histogram_->limit() < wide);
    QCOMPARE(source_->reads.load(), reads);
    QTest::mouseDClick(histogram_, Qt::LeftButton, {}, QPoint(histogram_->width() / 2, 20));
    QVERIFY(std::abs(histogram_->limit() - before) < 1e-6F);
  }

  void keysAndTypingSetTheLimitToo() {
    openPage(std::make_shared<FakeSource>(50));
    session_->stopCheckUp();
    QTest::mouseClick(child<QAbstractButton>("kindOneChannel"), Qt::LeftButton);
    histogram_->setFocus();
    const float before = histogram_->limit();
    QTest::keyClick(histogram_, Qt::Key_Right);
    QVERIFY(histogram_->limit() > before);
    auto* typed = child<QDoubleSpinBox>("limit");
    typed->setFocus();
    typed->selectAll();
    QTest::keyClicks(typed, QStringLiteral("0.25"));
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(histogram_->limit(), 0.25F);
    typed->selectAll();
    QTest::keyClicks(typed, QStringLiteral("0,5"));
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(histogram_->limit(), 0.5F);
    typed->selectAll();
    QTest::keyClicks(typed, QStringLiteral("1,000"));  // one or a thousand?
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(histogram_->limit(), 0.5F);
    QTest::keyClick(histogram_, Qt::Key_Home);
    QVERIFY(std::abs(histogram_->limit() - before) < 1e-6F);
  }

  void gridKeysChooseChannelsAndCrops() {
    openPage(std::make_shared<FakeSource>(50));
    grid_->setFocus();
    QTest::keyClick(grid_, Qt::Key_1);
    QVERIFY(child<QAbstractButton>("kindOneChannel")->isChecked());
    QCOMPARE(child<QComboBox>("channel")->currentIndex(), 1);
    QTRY_VERIFY(colourOf(0).blue() > colourOf(0).red() + 40);
    QTest::keyClick(grid_, Qt::Key_A);
    QVERIFY(child<QAbstractButton>("kindAllChannels")->isChecked());
    QTest::keyClick(grid_, Qt::Key_BracketRight);
    QTRY_VERIFY(child<QLabel>("sampleTitle")->text().contains(QStringLiteral("crop 2 of 3")));
    QTest::keyClick(grid_, Qt::Key_C);
    QVERIFY(child<QAbstractButton>("kindColour")->isChecked());
  }

  void theGridTellsTheValueUnderTheCursor() {
    openPage(std::make_shared<FakeSource>(50));
    QTest::mouseClick(child<QAbstractButton>("kindOneChannel"), Qt::LeftButton);
    child<QComboBox>("channel")->setCurrentIndex(1);
    QTest::mouseMove(grid_->viewport(), grid_->cellRect(3).topLeft() + QPoint(1, 1));
    QTRY_COMPARE(child<QLabel>("readout")->text(), QStringLiteral("sample 3, square, channel 1, row 0, column 0: ") +
                                                       QChar(0x2212) + QStringLiteral("0.303"));
  }

  void coloursOfFourChannelsAreAChoice() {
    openPage(std::make_shared<FakeSource>(50));
    auto* colours = child<QComboBox>("colours");
    QCOMPARE(colours->count(), 3);
    const QColor sd1 = colourOf(0);
    colours->setCurrentIndex(1);
    QVERIFY(colourOf(0) != sd1);
    QVERIFY(child<QLabel>("sampleColours")->text().contains(QStringLiteral("SDXL")));
    openPage(std::make_shared<FakeSource>(50, 1, 3));
    QVERIFY(!child<QComboBox>("colours")->isVisible());
    QCOMPARE(child<QAbstractButton>("kindColour")->text(), QStringLiteral("Colours"));
    openPage(std::make_shared<FakeSource>(50, 1, 1));
    QCOMPARE(child<QAbstractButton>("kindColour")->text(), QStringLiteral("Grey"));
  }

  void aNaNIsNamedAndShown() {
    auto source = std::make_shared<FakeSource>(3000);
    source->nanSample = 2417;
    openPage(source);
    QSignalSpy done(session_.get(), &ui::DatasetSession::checkUpDone), flags(page_.get(), &ui::DataPage::flagChosen);
    QVERIFY(done.wait(20'000));
    auto* side = child<QTabWidget>("dataSide");
    side->setCurrentIndex(1);
    auto* show = child<QAbstractButton>("showBadSample");
    QCOMPARE(show->text(), QStringLiteral("Show sample 2,417"));
    QVERIFY(child<QTableWidget>("checkUpTable")->item(1, 0)->text().contains(QStringLiteral("not finite")));
    QVERIFY(!child<QTableWidget>("checkUpTable")->item(0, 0)->text().contains(QStringLiteral("not finite")));
    QTest::mouseClick(show, Qt::LeftButton);
    QCOMPARE(grid_->current(), 2417);
    QVERIFY(grid_->viewport()->rect().contains(grid_->cellRect(2417).center()));
    QCOMPARE(side->currentIndex(), 0);
    side->setCurrentIndex(1);
    QTest::mouseClick(child<QAbstractButton>("skipBadSamples"), Qt::LeftButton);
    QCOMPARE(flags.count(), 1);
    QCOMPARE(flags[0][0].toString(), QStringLiteral("data.skip_not_finite"));
  }

  void classesAreCountedAndUnevenChannelsNamed() {
    openPage(std::make_shared<FakeSource>(41));
    QSignalSpy done(session_.get(), &ui::DatasetSession::checkUpDone), flags(page_.get(), &ui::DataPage::flagChosen);
    QVERIFY(done.wait());
    auto* classes = child<QTableWidget>("classTable");
    QCOMPARE(classes->rowCount(), 2);
    QCOMPARE(classes->item(0, 0)->text(), QStringLiteral("circle"));
    QCOMPARE(classes->item(0, 1)->text(), QStringLiteral("21"));
    QCOMPARE(classes->item(1, 1)->text(), QStringLiteral("20"));
    // Means of +-0.7 with deviations of 0.33 (FakeSource::value): far from 0.
    auto* standardize = child<QAbstractButton>("useStandardize");
    QVERIFY(!standardize->isHidden());
    standardize->click();
    QCOMPARE(flags[0][0].toString(), QStringLiteral("data.standardize"));
    QVERIFY(child<QLabel>("checkUpFacts")->text().contains(QStringLiteral("float16")));
  }

  void aFileThatVanishesOrShrinksIsToldOnce() {
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write(QByteArray(1000, 'x'));
    file.flush();
    openPage(std::make_shared<FakeSource>(50), file.fileName());
    QSignalSpy told(session_.get(), &ui::DatasetSession::readFailed);
    QTest::qWait(1200);  // one look at the file as it is
    QCOMPARE(told.count(), 0);
    QVERIFY(file.resize(10));
    QTRY_COMPARE(told.count(), 1);
    QVERIFY2(told[0][0].toString().contains(QStringLiteral("shorter")), qPrintable(told[0][0].toString()));
    source_->fails = true;
    grid_->setCurrent(49);
    session_->requestSample(7, 0);
    file.remove();
    QTest::qWait(1500);
    QCOMPARE(told.count(), 1);
  }
};

QTEST_MAIN(TestLimitsAndCheckUp)
#include "tst_limits_and_check_up.moc"
