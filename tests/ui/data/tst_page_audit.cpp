// SPDX-License-Identifier: GPL-3.0-or-later
// What a screen reader and a keyboard find on the Data page: every control has a name, and Tab walks them from top to bottom.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QScrollBar>
#include <QSet>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabBar>
#include <QTabWidget>
#include <QTemporaryFile>
#include <QTest>

#include "data/open_options.h"
#include "fake_source.h"
#include "panels/data/data_page.h"
#include "session/dataset/dataset_session.h"

using namespace dw;
using test::FakeSource;

class TestPageAudit : public QObject {
  Q_OBJECT

  std::unique_ptr<ui::DatasetSession> session_;
  std::unique_ptr<ui::DataPage> page_;

  /// Parts that Qt puts into a control: the control itself is what has a name.
  static bool isPartOfAControl(const QWidget* widget) {
    if (qobject_cast<const QScrollBar*>(widget) || qobject_cast<const QHeaderView*>(widget)) return true;
    for (const auto* up = widget->parentWidget(); up; up = up->parentWidget()) {
      if (qobject_cast<const QComboBox*>(up) || qobject_cast<const QAbstractSpinBox*>(up) ||
          qobject_cast<const QAbstractItemView*>(up))
        return true;
      if (qobject_cast<const QTabBar*>(up)) return true;
    }
    return false;
  }
  static bool isInteractive(const QWidget* widget) {
    const bool control = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                         qobject_cast<const QAbstractSpinBox*>(widget) ||
                         qobject_cast<const QAbstractSlider*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
                         qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QProgressBar*>(widget);
    return (control || (widget->focusPolicy() & Qt::TabFocus) == Qt::TabFocus) && !isPartOfAControl(widget);
  }
  static QString spokenName(QWidget* widget) {
    auto* spoken = QAccessible::queryAccessibleInterface(widget);
    return spoken ? spoken->text(QAccessible::Name) : QString();
  }
  QStringList namesByTab() const {
    QStringList names;
    auto* widget = page_->findChild<QWidget*>(QStringLiteral("axes"));
    widget->setFocus();
    for (int i = 0; i < 40; ++i) {
      auto* at = QApplication::focusWidget();
      if (!at || !page_->isAncestorOf(at) || names.contains(at->objectName())) break;
      names << at->objectName();
      QTest::keyClick(at, Qt::Key_Tab);
    }
    return names;
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-page-audit"));
  }

  void init() {
    QSettings().clear();
    auto source = std::make_shared<FakeSource>(500);
    source->nanSample = 5;
    session_ = std::make_unique<ui::DatasetSession>(
        nullptr, [source](const QString&, const data::OpenOptions&) { return source; });
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->resize(1200, 620);
    page_->show();
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    QSignalSpy checked(session_.get(), &ui::DatasetSession::checkUpDone);
    session_->open(QStringLiteral("fake"));
    QVERIFY(checked.wait());
  }

  void everyControlHasANameForPeopleAndForTests() {
    QStringList nameless;
    QSet<QString> known;
    int controls = 0;
    for (auto* widget : page_->findChildren<QWidget*>()) {
      if (!isInteractive(widget)) continue;
      ++controls;
      const QString what =
          QStringLiteral("%1 “%2”").arg(QLatin1String(widget->metaObject()->className()), widget->objectName());
      if (widget->objectName().isEmpty() || widget->objectName().startsWith(QLatin1String("qt_")))
        nameless << what + QStringLiteral(": no objectName");
      if (spokenName(widget).isEmpty()) nameless << what + QStringLiteral(": no accessible name");
      if (known.contains(widget->objectName())) nameless << what + QStringLiteral(": twice");
      known.insert(widget->objectName());
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
    QVERIFY2(controls >= 20, qPrintable(QString::number(controls)));
    for (const char* name :
         {"sampleGrid", "histogram", "showBadSample", "skipBadSamples", "openingCancel", "arrayOpen", "dataOpen"}) {
      QVERIFY2(known.contains(QLatin1String(name)), name);  // the walk reaches what is hidden now, too
    }
  }

  void tabGoesFromTopToBottom() {
    // Of the three kinds, which exclude each other, Tab stops at the one that is on; arrows go to the others.
    const QStringList wanted{QStringLiteral("axes"),         QStringLiteral("kindColour"),
                             QStringLiteral("colours"),      QStringLiteral("channel"),
                             QStringLiteral("crop"),         QStringLiteral("tileSize"),
                             QStringLiteral("sampleGrid"),   QStringLiteral("dataSideTabs"),
                             QStringLiteral("channelSheet"), QStringLiteral("histogram")};
    const auto found = namesByTab();
    QVERIFY2(found == wanted, qPrintable(found.join(QLatin1Char(' '))));
  }

  void checkUpStopsWhenTheFileChanges() {
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write(QByteArray(1000, 'x'));
    file.flush();
    auto source = std::make_shared<FakeSource>(1'000'000);
    source->delay = std::chrono::milliseconds(20);
    session_ = std::make_unique<ui::DatasetSession>(
        nullptr, [source](const QString&, const data::OpenOptions&) { return source; });
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->show();
    session_->open(file.fileName());
    const auto* tabs = page_->findChild<QTabBar*>(QStringLiteral("dataSideTabs"));
    QSignalSpy progress(session_.get(), &ui::DatasetSession::checkUpProgress);
    QVERIFY(progress.wait());
    QCOMPARE(tabs->tabText(1), QStringLiteral("Check-up …"));
    QTest::qWait(1200);  // one look at the file as it is
    QVERIFY(session_->isCheckingUp());
    QVERIFY(file.resize(2000));
    QTRY_VERIFY(!session_->isCheckingUp());
    QVERIFY(!session_->checkUp());
    const QString verdict = page_->findChild<QLabel*>(QStringLiteral("checkUpVerdict"))->text();
    QVERIFY2(verdict.contains(QStringLiteral("changed")), qPrintable(verdict));
    QCOMPARE(tabs->tabText(1), QStringLiteral("Check-up"));
    QTest::qWait(200);
    const auto reads = source->reads.load();
    QTest::qWait(300);
    QCOMPARE(source->reads.load(), reads);  // nobody reads on behind the curtain
  }
};

QTEST_MAIN(TestPageAudit)
#include "tst_page_audit.moc"
