// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <QWidget>

#include "plots/flow_layout.h"

using namespace dw::ui;

class TestFlowLayout : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void wrapsWhereTheWidthEnds() {
    QWidget window;
    auto* layout = new FlowLayout(8, &window);
    QList<QWidget*> boxes;
    for (int i = 0; i < 5; ++i) {
      boxes.append(new QWidget);
      boxes.last()->setFixedSize(100, 20 + i);
      layout->addWidget(boxes.last());
    }
    QCOMPARE(layout->sizeHint().width(), 5 * 100 + 4 * 8);
    QCOMPARE(layout->minimumSize().width(), 100);
    QCOMPARE(layout->heightForWidth(540), 24);
    QCOMPARE(layout->heightForWidth(330), 22 + 8 + 24);  // three and two
    window.resize(330, 200);
    window.show();
    QCOMPARE(boxes[2]->geometry().left(), 2 * 108);
    QCOMPARE(boxes[3]->geometry().left(), 0);
    QVERIFY(boxes[3]->geometry().top() >= 30);
    layout->setContentsMargins(10, 4, 10, 6);
    QCOMPARE(layout->heightForWidth(350), 22 + 8 + 24 + 10);
    layout->activate();
    QCOMPARE(boxes[0]->geometry().left(), 10);
    layout->setContentsMargins(0, 0, 0, 0);
    boxes[0]->hide();  // what is hidden takes no room
    QCOMPARE(layout->heightForWidth(432), 24);
  }
};

QTEST_MAIN(TestFlowLayout)
#include "tst_flow_layout.moc"
