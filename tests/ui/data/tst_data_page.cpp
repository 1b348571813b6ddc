// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QStandardPaths>
#include <QTableWidget>
#include <QTest>

#include "data/open_options.h"
#include "fake_source.h"
#include "panels/data/channel_sheet.h"
#include "panels/data/data_page.h"
#include "panels/data/sample_grid.h"
#include "session/dataset/dataset_session.h"

using namespace dw;
using test::FakeSource;

class TestDataPage : public QObject {
  Q_OBJECT

  std::shared_ptr<FakeSource> source_;
  std::unique_ptr<ui::DatasetSession> session_;
  std::unique_ptr<ui::DataPage> page_;
  ui::SampleGrid* grid_ = nullptr;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  /// Colour in the middle of a sample's picture.
  QColor colourOf(qint64 sample) const {
    const QRect cell = grid_->cellRect(sample);
    return grid_->viewport()->grab().toImage().pixelColor(cell.center().x(), cell.top() + 20);
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-data-page"));
    QSettings().clear();
  }

  void init() {
    source_ = std::make_shared<FakeSource>(119'829);
    session_ = std::make_unique<ui::DatasetSession>(
        nullptr, [this](const QString&, const data::OpenOptions&) { return source_; });
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->resize(1200, 620);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QSignalSpy opened(session_.get(), &ui::DatasetSession::opened);
    session_->open(QStringLiteral("/data/fake.h5"));
    QVERIFY(opened.wait());
    session_->stopCheckUp();
    grid_ = child<ui::SampleGrid>("sampleGrid");
    QTRY_VERIFY(grid_->cachedPictures() >= 20);
  }

  void cleanup() {
    page_.reset();
    session_.reset();
  }

  void headerNamesShapeTypeAndLabels() {
    const QString facts = child<QLabel>("dataFacts")->text();
    for (const auto* part :
         {"119,829 samples", "3 crops", "4 channels", "8 high", "float16", "50.0 MB", "circle, square"}) {
      QVERIFY2(facts.contains(QLatin1String(part)), qPrintable(facts));
    }
    QCOMPARE(child<QLabel>("dataName")->text(), QStringLiteral("/data/fake.h5"));
  }

  void onlyWhatIsSeenIsRead() {
    QTest::qWait(200);
    QVERIFY2(grid_->cachedPictures() < 400, qPrintable(QString::number(grid_->cachedPictures())));
    grid_->setFocus();
    QTest::keyClick(grid_, Qt::Key_End);
    QCOMPARE(grid_->current(), 119'828);
    QVERIFY(grid_->viewport()->rect().contains(grid_->cellRect(119'828).center()));
    const auto before = grid_->cachedPictures();
    QTRY_VERIFY(grid_->cachedPictures() > before);
    QVERIFY(grid_->cachedPictures() < 800);
    QTRY_VERIFY(child<QLabel>("sampleTitle")->text().startsWith(QStringLiteral("Sample 119,828")));
  }

  void scrollingThroughEverythingKeepsFewPictures() {
    QElapsedTimer timer;
    timer.start();
    auto* bar = grid_->verticalScrollBar();
    for (int i = 0; i <= 100; ++i) {
      bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * i / 100));
      grid_->viewport()->repaint();
    }
    qInfo("a frame of scrolling: %.2f ms", static_cast<double>(timer.elapsed()) / 101);  // told, not asserted
    QVERIFY(grid_->cachedPictures() < 800);
    QVERIFY(grid_->viewport()->rect().intersects(grid_->cellRect(119'828)));
  }

  void channelSwitchChangesTheColours() {
    QTest::mouseClick(child<QAbstractButton>("kindOneChannel"), Qt::LeftButton);
    QTRY_VERIFY(colourOf(0).red() > colourOf(0).blue() + 40);  // channel 0 is positive: red
    child<QComboBox>("channel")->setCurrentIndex(1);
    QTRY_VERIFY(colourOf(0).blue() > colourOf(0).red() + 40);  // channel 1 is negative: blue
    const int one = grid_->columns();
    QTest::mouseClick(child<QAbstractButton>("kindAllChannels"), Qt::LeftButton);
    QVERIFY(grid_->columns() < one);
    const QRect cell = grid_->cellRect(0);
    QVERIFY(cell.width() > 3 * cell.height() / 2);
  }

  void cropSliderShowsAnotherCrop() {
    QTest::mouseClick(child<QAbstractButton>("kindOneChannel"), Qt::LeftButton);
    QTRY_VERIFY(child<QTableWidget>("sampleTable")->rowCount() == 4);
    auto* table = child<QTableWidget>("sampleTable");
    QTRY_COMPARE(table->item(0, 1)->text(), QStringLiteral("0.300"));
    child<QSlider>("crop")->setValue(2);
    QTRY_COMPARE(table->item(0, 1)->text(), QStringLiteral("1.100"));
    QTRY_VERIFY(child<QLabel>("sampleTitle")->text().contains(QStringLiteral("crop 3 of 3")));
  }

  void cursorTellsTheValue() {
    auto* sheet = child<ui::ChannelSheet>("channelSheet");
    QTRY_VERIFY(sheet->pictureRect(1).width() > 20);
    QTRY_COMPARE(child<QTableWidget>("sampleTable")->rowCount(), 4);
    const QRect picture = sheet->pictureRect(1);
    QTest::mouseMove(sheet, picture.topLeft() + QPoint(picture.width() * 5 / 16, picture.height() * 3 / 16));
    QTRY_COMPARE(child<QLabel>("readout")->text(), QStringLiteral("sample 0, circle, channel 1, row 1, column 2: ") +
                                                       QChar(0x2212) + QStringLiteral("0.300"));
  }

  void aPictureIsEnlargedAndGivesItsValues() {
    auto* sheet = child<ui::ChannelSheet>("channelSheet");
    QTRY_COMPARE(child<QTableWidget>("sampleTable")->rowCount(), 4);
    const int small = sheet->pictureRect(2).width();
    QTest::mouseClick(sheet, Qt::LeftButton, {}, sheet->pictureRect(2).center());
    QVERIFY(sheet->isEnlarged());
    QVERIFY2(sheet->pictureRect(2).width() > 3 * small / 2, qPrintable(QString::number(sheet->pictureRect(2).width())));
    QVERIFY(sheet->pictureRect(1).isEmpty());
    QTest::keyClick(sheet, Qt::Key_Left);
    const QRect picture = sheet->pictureRect(1);
    QVERIFY(!picture.isEmpty());
    QTest::mouseMove(sheet, picture.topLeft() + QPoint(picture.width() * 5 / 16, picture.height() * 3 / 16));
    QTRY_COMPARE(child<QLabel>("readout")->text(), QStringLiteral("sample 0, circle, channel 1, row 1, column 2: ") +
                                                       QChar(0x2212) + QStringLiteral("0.300"));
    QTest::keyClick(sheet, Qt::Key_Escape);
    QVERIFY(!sheet->isEnlarged());
    QCOMPARE(sheet->pictureRect(2).width(), small);
    QTest::keyClick(sheet, Qt::Key_Return);
    QVERIFY(sheet->isEnlarged() && !sheet->pictureRect(1).isEmpty());
  }

  void clickSelectsAndArrowsMove() {
    QTest::mouseClick(grid_->viewport(), Qt::LeftButton, {}, grid_->cellRect(3).center());
    QCOMPARE(grid_->current(), 3);
    QTest::keyClick(grid_, Qt::Key_Right);
    QCOMPARE(grid_->current(), 4);
    QTest::keyClick(grid_, Qt::Key_Down);
    QCOMPARE(grid_->current(), 4 + grid_->columns());
    QTest::keyClick(grid_, Qt::Key_Home);
    QCOMPARE(grid_->current(), 0);
  }

  void closingShowsWhatToDoNext() {
    QSignalSpy demo(page_.get(), &ui::DataPage::demoRequested);
    session_->close();
    auto* button = child<QAbstractButton>("dataDemo");
    QVERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(demo.count(), 1);
  }

  void checkUpOffersTheScale() {
    source_ = std::make_shared<FakeSource>(40);
    QSignalSpy done(session_.get(), &ui::DatasetSession::checkUpDone), scale(page_.get(), &ui::DataPage::scaleChosen);
    session_->open(QStringLiteral("small"));
    QVERIFY(done.wait());
    QVERIFY(child<QLabel>("checkUpVerdict")->text().contains(QStringLiteral("40 samples")));
    QVERIFY(!child<QAbstractButton>("useScale")->isHidden());
    child<QAbstractButton>("useScale")->click();
    QCOMPARE(scale.count(), 1);
    // Values are +-(0.3, 0.7, 1.1 + 0..0.006): standard deviation near 0.775.
    QVERIFY(std::abs(scale[0][0].toDouble() - 1.0 / 0.775) < 0.03);
  }
};

QTEST_MAIN(TestDataPage)
#include "tst_data_page.moc"
