// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>
#include <mutex>

#include "data/open_options.h"
#include "fake_source.h"
#include "session/dataset/dataset_session.h"

using namespace dw;
using test::FakeSource;

class TestDatasetSession : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-dataset-session"));
    QSettings().clear();
  }

  void opensInTheBackgroundAndRemembers() {
    ui::DatasetSession session(
        nullptr, [](const QString&, const data::OpenOptions&) { return std::make_shared<FakeSource>(10); });
    QSignalSpy opened(&session, &ui::DatasetSession::opened);
    session.open(QStringLiteral("demo"));
    QVERIFY(session.isOpening());
    QVERIFY(!session.isOpen());  // nothing was read in this thread
    QVERIFY(opened.wait());
    QCOMPARE(session.source()->info().samples, 10);
    QCOMPARE(ui::DatasetSession::lastPath(), QStringLiteral("demo"));
    QCOMPARE(session.labelOf(3), QStringLiteral("square"));
    // 99.5 % of the values of crop 0 lie at or below 0.306.
    QVERIFY(std::abs(session.quickLook().limit - 0.306F) < 0.001F);
  }

  void aLaterOpenWinsOverASlowerEarlierOne() {
    ui::DatasetSession session(
        nullptr, [](const QString& path, const data::OpenOptions&) -> std::shared_ptr<const data::LatentSource> {
          if (path == QLatin1String("slow")) std::this_thread::sleep_for(std::chrono::milliseconds(300));
          return std::make_shared<FakeSource>(path == QLatin1String("slow") ? 5 : 7);
        });
    QSignalSpy opened(&session, &ui::DatasetSession::opened);
    session.open(QStringLiteral("slow"));
    session.open(QStringLiteral("fast"));
    QTRY_COMPARE(opened.count(), 1);
    QTest::qWait(500);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(session.source()->info().samples, 7);
    QCOMPARE(session.path(), QStringLiteral("fast"));
  }

  void aFailureIsASentenceAndKeepsTheOpenDataset() {
    ui::DatasetSession session(
        nullptr, [](const QString& path, const data::OpenOptions&) -> std::shared_ptr<const data::LatentSource> {
          if (path == QLatin1String("bad"))
            throw Error(ErrorKind::BadData, "bad: the header is cut off", "copy the file again");
          return std::make_shared<FakeSource>(5);
        });
    QSignalSpy opened(&session, &ui::DatasetSession::opened), failed(&session, &ui::DatasetSession::failed);
    session.open(QStringLiteral("good"));
    QVERIFY(opened.wait());
    session.open(QStringLiteral("bad"));
    QVERIFY(failed.wait());
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("cut off")));
    QCOMPARE(failed[0][1].toString(), QStringLiteral("copy the file again"));
    QCOMPARE(session.path(), QStringLiteral("good"));
  }

  void wishesThatAreTakenBackAreNotRead() {
    auto source = std::make_shared<FakeSource>(1000, 1);
    source->delay = std::chrono::milliseconds(2);
    ui::DatasetSession session(nullptr, [source](const QString&, const data::OpenOptions&) { return source; });
    QSignalSpy opened(&session, &ui::DatasetSession::opened);
    session.open(QStringLiteral("x"));
    QVERIFY(opened.wait());
    session.stopCheckUp();
    QTest::qWait(100);
    source->reads = 0;
    QList<ui::PreviewWish> many, last;
    for (int i = 0; i < 500; ++i) many.append(ui::PreviewWish{.sample = i});
    last.append(ui::PreviewWish{.sample = 999});
    QSignalSpy ready(&session, &ui::DatasetSession::previewReady);
    session.wishPreviews(many);
    session.wishPreviews(last);
    QTRY_VERIFY(!ready.isEmpty() && ready.last()[0].value<ui::PreviewWish>().sample == 999);
    QVERIFY2(source->reads < 50, qPrintable(QString::number(source->reads)));
  }

  void checkUpNamesSampleAndChannelOfANaN() {
    auto source = std::make_shared<FakeSource>(50);
    source->nanSample = 17;
    ui::DatasetSession session(nullptr, [source](const QString&, const data::OpenOptions&) { return source; });
    QSignalSpy done(&session, &ui::DatasetSession::checkUpDone);
    session.open(QStringLiteral("x"));
    QVERIFY(done.wait());
    const auto result = session.checkUp();
    QVERIFY(result->complete);
    QCOMPARE(result->channels.size(), 4U);
    QVERIFY(hasErrors(result->report.problems));
    const auto& sentence = result->report.problems.front().sentence;
    QVERIFY2(sentence.find("17") != std::string::npos && sentence.find("channel") != std::string::npos,
             sentence.c_str());
  }

  void aFileThatShrinksIsToldOnce() {
    auto source = std::make_shared<FakeSource>(50);
    ui::DatasetSession session(nullptr, [source](const QString&, const data::OpenOptions&) { return source; });
    QSignalSpy done(&session, &ui::DatasetSession::checkUpDone), failed(&session, &ui::DatasetSession::readFailed);
    session.open(QStringLiteral("x"));
    QVERIFY(done.wait());
    source->fails = true;
    QList<ui::PreviewWish> wishes;
    for (int i = 0; i < 40; ++i) wishes.append(ui::PreviewWish{.sample = i});
    session.wishPreviews(wishes);
    QVERIFY(failed.wait());
    QTest::qWait(100);
    QCOMPARE(failed.count(), 1);
  }
};

QTEST_GUILESS_MAIN(TestDatasetSession)
#include "tst_dataset_session.moc"
