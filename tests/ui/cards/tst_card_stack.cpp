// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QLabel>
#include <QTest>

#include "cards/card_stack.h"

using namespace dw;

class TestCardStack : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aCardShowsWhatWhyAndTheRemedyButton() {
    ui::CardStack stack;
    QVERIFY(!stack.isVisible());
    int done = 0;
    stack.show({QStringLiteral("a"), Severity::Error, QStringLiteral("latents.h5 <b>is cut off</b>"),
                QStringLiteral("Copy it again."), QStringLiteral("Open another"), [&done] { ++done; }});
    QVERIFY(stack.isVisible());
    QStringList texts;
    for (const auto* label : stack.findChildren<QLabel*>()) texts << label->text();
    QVERIFY(texts.contains(QStringLiteral("latents.h5 <b>is cut off</b>")));
    QVERIFY(texts.contains(QStringLiteral("Copy it again.")));
    // File names are no markup.
    for (const auto* label : stack.findChildren<QLabel*>())
      QVERIFY(label->text().isEmpty() || label->textFormat() == Qt::PlainText);
    QTest::mouseClick(stack.findChild<QAbstractButton*>(QStringLiteral("cardAction")), Qt::LeftButton);
    QCOMPARE(done, 1);
    QVERIFY(stack.cards().isEmpty());
    QVERIFY(!stack.isVisible());
  }

  void theSameIdReplacesAndManyAreCounted() {
    ui::CardStack stack;
    for (int i = 0; i < 2; ++i) stack.show({QStringLiteral("same"), Severity::Warning, QString::number(i), {}, {}, {}});
    QCOMPARE(stack.cards().size(), 1);
    QCOMPARE(stack.cards().front().sentence, QStringLiteral("1"));
    for (int i = 0; i < 4; ++i) stack.show({{}, Severity::Note, QStringLiteral("note %1").arg(i), {}, {}, {}});
    QCOMPARE(stack.cards().size(), 5);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCOMPARE(stack.findChildren<QAbstractButton*>(QStringLiteral("cardClose")).size(), ui::CardStack::kShown);
    bool counted = false;
    for (const auto* label : stack.findChildren<QLabel*>())
      counted = counted || label->text().contains(QLatin1Char('2'));
    QVERIFY(counted);
    QTest::mouseClick(stack.findChild<QAbstractButton*>(QStringLiteral("cardClose")), Qt::LeftButton);
    QCOMPARE(stack.cards().size(), 4);
  }
};

QTEST_MAIN(TestCardStack)
#include "tst_card_stack.moc"
