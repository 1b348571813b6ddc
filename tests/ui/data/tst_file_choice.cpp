// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include "base/error.h"
#include "data/sources/open_source.h"
#include "panels/data/data_page.h"
#include "session/dataset/dataset_session.h"

using namespace dw;

namespace {

QByteArray little(quint64 value) {
  QByteArray out;
  for (int i = 0; i < 8; ++i) out.append(static_cast<char>(value >> (8 * i)));
  return out;
}

/// A safetensors file of float32 arrays full of zeros: {name, shape}.
void writeArrays(const QString& path, const std::vector<std::pair<QByteArray, std::vector<int>>>& arrays) {
  QByteArray header = "{";
  qsizetype at = 0;
  for (const auto& [name, shape] : arrays) {
    QByteArray lengths;
    qsizetype size = 4;
    for (const int n : shape) {
      lengths += (lengths.isEmpty() ? "" : ",") + QByteArray::number(n);
      size *= n;
    }
    header += (at > 0 ? ",\"" : "\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[" + lengths + "],\"data_offsets\":[" +
              QByteArray::number(at) + "," + QByteArray::number(at + size) + "]}";
    at += size;
  }
  header += "}";
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(little(static_cast<quint64>(header.size())) + header + QByteArray(at, '\0'));
}

}  // namespace

class TestFileChoice : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<ui::DatasetSession> session_;
  std::unique_ptr<ui::DataPage> page_;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  QString file(const char* name) const { return folder_.filePath(QLatin1String(name)); }
  void makePage() {
    page_.reset();
    session_ = std::make_unique<ui::DatasetSession>();
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->resize(1200, 620);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }
  void openIt(const QString& path) {
    QSignalSpy opened(session_.get(), &ui::DatasetSession::opened);
    session_->open(path);
    QVERIFY(opened.wait());
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-file-choice"));
    QSettings().clear();
    writeArrays(file("channels_last.safetensors"), {{"latents", {6, 24, 20, 4}}});
    writeArrays(file("several.safetensors"),
                {{"big", {6, 4, 8, 8}}, {"small", {9, 3, 4, 4}}, {"grey", {5, 8, 8}}, {"flat", {7, 2}}});
  }

  void init() { makePage(); }

  void rolesAreShownAndGuessed() {
    openIt(file("channels_last.safetensors"));
    QCOMPARE(child<QLabel>("axis0")->text(), QStringLiteral("B 6"));
    QCOMPARE(child<QLabel>("axis2")->text(), QStringLiteral("W 20"));
    QCOMPARE(child<QLabel>("axis3")->text(), QStringLiteral("C 4"));
    QCOMPARE(child<QLabel>("axesNote")->text(), QStringLiteral("guessed"));
    QCOMPARE(child<QComboBox>("axes")->currentText(), QStringLiteral("BHWC"));
  }

  void aTypedOrderIsCheckedAtTheFieldThenReopens() {
    openIt(file("channels_last.safetensors"));
    QSignalSpy opened(session_.get(), &ui::DatasetSession::opened);
    auto* edit = child<QComboBox>("axes")->lineEdit();
    auto* problem = child<QLabel>("axesProblem");
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("bhwx"));
    QVERIFY2(problem->text().contains(QLatin1Char('X')), qPrintable(problem->text()));
    QTest::keyClick(edit, Qt::Key_Return);
    QTest::qWait(50);
    QCOMPARE(opened.count(), 0);  // nothing wrong is opened
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("bwhc"));
    QVERIFY(problem->text().isEmpty());
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(session_->source()->info().width, 24);
    QCOMPARE(session_->choice().axes, QStringLiteral("BWHC"));
    QCOMPARE(child<QLabel>("axesNote")->text(), QStringLiteral("as you said"));
  }

  void theOrderIsRememberedUntilItIsGuessedAgain() {
    openIt(file("channels_last.safetensors"));  // a new session: BWHC of the test before
    QCOMPARE(session_->choice().axes, QStringLiteral("BWHC"));
    QCOMPARE(session_->source()->info().height, 20);
    QSignalSpy opened(session_.get(), &ui::DatasetSession::opened);
    QTest::mouseClick(child<QAbstractButton>("axesGuess"), Qt::LeftButton);
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(session_->source()->info().height, 24);
    makePage();
    openIt(file("channels_last.safetensors"));
    QCOMPARE(session_->choice().axes, QString());
  }

  void anOrderThatFitsNoMoreIsForgotten() {
    const QString path = file("changing.safetensors");
    writeArrays(path, {{"latents", {6, 4, 8, 8}}});
    ui::rememberChoice(path, {QStringLiteral("gone"), QString()});
    openIt(path);
    QCOMPARE(session_->choice().dataset, QString());
  }

  void severalArraysAskWhichOne() {
    QSignalSpy asked(session_.get(), &ui::DatasetSession::choiceNeeded),
        opened(session_.get(), &ui::DatasetSession::opened);
    session_->open(file("several.safetensors"));
    QVERIFY(asked.wait());
    auto* table = child<QTableWidget>("arrayTable");
    QVERIFY(table->isVisible());
    QCOMPARE(table->rowCount(), 4);
    QCOMPARE(table->item(0, 0)->text(), QStringLiteral("big"));
    QCOMPARE(table->item(1, 1)->text(), QStringLiteral("9 × 3 × 4 × 4"));
    QVERIFY(!(table->item(3, 0)->flags() & Qt::ItemIsEnabled));  // flat: two axes
    QTest::keyClick(table, Qt::Key_Down);
    QTest::mouseClick(child<QAbstractButton>("arrayOpen"), Qt::LeftButton);
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(session_->source()->info().samples, 9);
    QCOMPARE(session_->choice().dataset, QStringLiteral("small"));
    QVERIFY(!table->isVisible());
    // The open file goes on offering the others.
    auto* array = child<QComboBox>("array");
    QTRY_COMPARE(array->count(), 4);
    QVERIFY(array->currentText().startsWith(QStringLiteral("small")));
    array->setCurrentIndex(2);
    Q_EMIT array->activated(2);
    QTRY_COMPARE(opened.count(), 2);
    QCOMPARE(session_->source()->info().dataset, std::string("grey"));
    QCOMPARE(session_->source()->info().height, 8);  // three axes: samples, height, width
  }

  void theChoiceIsRemembered() {
    openIt(file("several.safetensors"));
    QCOMPARE(session_->choice().dataset, QStringLiteral("grey"));
    QCOMPARE(session_->choice().axes, QStringLiteral("BHW"));
  }

  void cancellingTheQuestionGoesBack() {
    openIt(file("channels_last.safetensors"));
    QSettings().clear();
    QSignalSpy asked(session_.get(), &ui::DatasetSession::choiceNeeded);
    session_->open(file("several.safetensors"));
    QVERIFY(asked.wait());
    QTest::mouseClick(child<QAbstractButton>("arrayCancel"), Qt::LeftButton);
    QVERIFY(child<QLabel>("dataName")->isVisible());
    QCOMPARE(session_->source()->info().width, 20);
  }

  void aLongOpeningTellsHowFarItIsAndCanBeCancelled() {
    page_.reset();
    std::atomic<bool> gaveUp{false};
    session_ = std::make_unique<ui::DatasetSession>(
        nullptr,
        [&gaveUp](const QString&, const data::OpenOptions& options) -> std::shared_ptr<const data::LatentSource> {
          for (int i = 0; i < 500; ++i) {
            QThread::msleep(20);
            if (!options.progress("Unpacking “x.npz”", i / 500.0)) {
              gaveUp = true;
              throw Error(ErrorKind::Cancelled, "given up");
            }
          }
          return data::sources::openSource("demo");
        });
    page_ = std::make_unique<ui::DataPage>(session_.get());
    page_->resize(1200, 620);
    page_->show();
    QSignalSpy failed(session_.get(), &ui::DatasetSession::failed);
    session_->open(QStringLiteral("x.npz"));
    auto* left = child<QLabel>("openingLeft");
    QTRY_VERIFY(!left->text().isEmpty());
    QVERIFY(left->isVisible());
    QVERIFY2(child<QLabel>("openingText")->text().contains(QStringLiteral("Unpacking")),
             qPrintable(child<QLabel>("openingText")->text()));
    QTest::mouseClick(child<QAbstractButton>("openingCancel"), Qt::LeftButton);
    QVERIFY(!left->isVisible());
    QTRY_VERIFY(gaveUp);
    QTest::qWait(50);
    QCOMPARE(failed.count(), 0);  // nothing went wrong
  }
};

QTEST_MAIN(TestFileChoice)
#include "tst_file_choice.moc"
