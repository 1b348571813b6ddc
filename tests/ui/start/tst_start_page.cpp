// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "panels/start/start_page.h"
#include "session/dataset/dataset_session.h"
#include "session/recent_list.h"

using namespace dw;

class TestStartPage : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-start-page"));
  }
  void init() { QSettings().clear(); }

  void clicksAskForDataAndNothingElse() {
    ui::DatasetSession session;
    ui::StartPage page(&session);
    page.show();
    QSignalSpy open(&page, &ui::StartPage::openRequested), demo(&page, &ui::StartPage::demoRequested);
    QTest::mouseClick(page.findChild<QAbstractButton*>(QStringLiteral("startOpen")), Qt::LeftButton);
    QCOMPARE(open.count(), 1);
    QTest::mouseClick(page.findChild<QAbstractButton*>(QStringLiteral("startDemo")), Qt::LeftButton);
    QCOMPARE(demo.count(), 1);
    bool said = false;
    for (const auto* label : page.findChildren<QLabel*>())
      said = said || label->text().contains(QStringLiteral("Nothing leaves this machine"));
    QVERIFY(said);
    QVERIFY(!page.findChild<QAbstractButton*>(QStringLiteral("recentItem")));
  }

  void recentThingsThatStillExistAreListed() {
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("latents.h5"));
    QFile(file).open(QIODevice::WriteOnly);
    const QString run = folder.filePath(QStringLiteral("run-1"));
    QDir().mkpath(run);
    ui::RecentList(QStringLiteral("recent/datasets")).add(file);
    ui::RecentList(QStringLiteral("recent/datasets")).add(QStringLiteral("/gone/away.h5"));
    ui::RecentList(QStringLiteral("recent/runs")).add(run);
    ui::DatasetSession session;
    ui::StartPage page(&session);
    page.show();
    QSignalSpy dataset(&page, &ui::StartPage::datasetRequested), resume(&page, &ui::StartPage::resumeRequested);
    const auto items = page.findChildren<QAbstractButton*>(QStringLiteral("recentItem"));
    QCOMPARE(items.size(), 2);
    for (auto* item : items) QTest::mouseClick(item, Qt::LeftButton);
    QCOMPARE(dataset.count(), 1);
    QCOMPARE(dataset[0][0].toString(), file);
    QCOMPARE(resume.count(), 1);
    QCOMPARE(resume[0][0].toString(), run);
  }

  void theListIsShortAndNewestFirst() {
    QTemporaryDir folder;
    const ui::RecentList list(QStringLiteral("recent/datasets"));
    for (int i = 0; i < 12; ++i) {
      const QString file = folder.filePath(QStringLiteral("%1.h5").arg(i));
      QFile(file).open(QIODevice::WriteOnly);
      list.add(file);
    }
    list.add(folder.filePath(QStringLiteral("7.h5")));
    QCOMPARE(list.existing().size(), ui::RecentList::kLongest);
    QVERIFY(list.existing().front().endsWith(QStringLiteral("/7.h5")));
    QCOMPARE(list.existing().filter(QStringLiteral("/7.h5")).size(), 1);
  }
};

QTEST_MAIN(TestStartPage)
#include "tst_start_page.moc"
