// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QTemporaryDir>

#include "../../support/pt_builder.h"
#include "base/error.h"
#include "data/axis_roles.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"

using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::sources;
using Shape = std::vector<std::int64_t>;

namespace {

/// A float32 .npy of that shape with the numbers 0, 1, 2, ...
std::string npyOf(const Shape& shape) {
  std::string text;
  std::int64_t count = 1;
  for (const auto n : shape) {
    text += std::to_string(n) + ", ";
    count *= n;
  }
  std::string npy = dw::test::npyHead("<f4", text);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i);
    npy.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return npy;
}

std::vector<float> read(const LatentSource& source, std::int64_t sample, std::int64_t crop) {
  std::vector<float> values(static_cast<std::size_t>(source.info().sampleSize()));
  source.read({&sample, 1}, {&crop, 1}, values);
  return values;
}

}  // namespace

class TestAxisRoles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void guesses_data() {
    QTest::addColumn<QList<qint64>>("shape");
    QTest::addColumn<QString>("axes");
    QTest::newRow("lecture") << QList<qint64>{119829, 3, 4, 32, 32} << "BTCHW";
    QTest::newRow("channels first") << QList<qint64>{10, 4, 32, 32} << "BCHW";
    QTest::newRow("channels last") << QList<qint64>{10, 32, 32, 4} << "BHWC";
    QTest::newRow("crops, channels last") << QList<qint64>{10, 3, 32, 32, 4} << "BTHWC";
    QTest::newRow("wide, channels last") << QList<qint64>{10, 24, 48, 3} << "BHWC";
    QTest::newRow("wide, channels first") << QList<qint64>{10, 3, 24, 48} << "BCHW";
    QTest::newRow("small and wide, many channels") << QList<qint64>{10, 64, 8, 16} << "BCHW";
    QTest::newRow("a cube is channels first") << QList<qint64>{10, 8, 8, 8} << "BCHW";
    QTest::newRow("many channels, small pictures") << QList<qint64>{10, 64, 8, 8} << "BCHW";
    QTest::newRow("nothing is guessed of rank 3") << QList<qint64>{10, 28, 28} << "";
  }
  void guesses() {
    QFETCH(const QList<qint64>, shape);
    QTEST(QString::fromStdString(guessAxes(Shape(shape.begin(), shape.end()))), "axes");
  }

  void wrongLettersAreNamed() {
    for (const char* good : {"BCHW", "HWCB", "BTHW"}) QVERIFY2(checkAxes(good, 4).empty(), good);
    for (const char* bad : {"BCH", "BCHWT", "TCHW", "BCHH", "bchw", "BCHX"}) QVERIFY2(!checkAxes(bad, 4).empty(), bad);
    for (std::size_t rank = 3; rank <= 5; ++rank) {
      for (const auto& axes : usualAxes(rank)) QVERIFY2(checkAxes(axes, rank).empty(), axes.c_str());
    }
  }

  void onlyStridesMove() {
    dw::formats::ArrayLayout layout{dw::formats::NumberType::Float32, false, 64, {5, 7, 6, 3}, {126, 18, 3, 1}};
    const auto seen = inOrder(layout, "BHWC");
    QCOMPARE(seen.shape, (Shape{5, 1, 3, 7, 6}));
    QCOMPARE(seen.strides, (Shape{126, 0, 1, 18, 3}));
    QCOMPARE(seen.byteOffset, layout.byteOffset);
  }

  void samplesAreReadInTheAskedOrder() {
    const auto file = at("a.npy");
    dw::test::writeFile(file, npyOf({2, 3, 4, 5}));  // index = ((a * 3 + b) * 4 + c) * 5 + d
    const auto source = openSource(file, {.axes = "THBC"});
    const auto& info = source->info();
    QCOMPARE(info.axes, std::string("THBC"));
    QCOMPARE(Shape({info.samples, info.crops, info.channels, info.height, info.width}), (Shape{4, 2, 5, 3, 1}));
    const auto got = read(*source, 3, 1);
    for (int c = 0; c < 5; ++c) {
      for (int h = 0; h < 3; ++h)
        QCOMPARE(got[static_cast<std::size_t>(c * 3 + h)], static_cast<float>(((1 * 3 + h) * 4 + 3) * 5 + c));
    }
    QVERIFY_EXCEPTION_THROWN(openSource(file, {.axes = "TBCHW"}), dw::Error);
    dw::test::writeFile(file, npyOf({3, 4, 5}));
    QVERIFY_EXCEPTION_THROWN(openSource(file), dw::Error);
    QCOMPARE(openSource(file, {.axes = "BHW"})->info().channels, std::int64_t{1});
  }

  void contextVectorsStandBeside() {
    const auto file = at("c.npz");
    dw::test::writeFile(file,
                        dw::test::zipOf({{"latents.npy", npyOf({6, 1, 2, 2})}, {"context.npy", npyOf({6, 2, 3})}}));
    const auto source = openSource(file);
    const auto* context = source->context();
    QVERIFY(context != nullptr);
    QCOMPARE(Shape({context->info().samples, context->info().height, context->info().width}), (Shape{6, 2, 3}));
    QCOMPARE(read(*context, 5, 0), (std::vector<float>{30, 31, 32, 33, 34, 35}));
    dw::test::writeFile(file, dw::test::zipOf({{"latents.npy", npyOf({6, 1, 2, 2})}, {"context.npy", npyOf({6, 3})}}));
    QCOMPARE(openSource(file)->context()->info().height, std::int64_t{1});
    dw::test::writeFile(file, dw::test::zipOf({{"latents.npy", npyOf({6, 1, 2, 2})}, {"context.npy", npyOf({5, 3})}}));
    QVERIFY_EXCEPTION_THROWN(openSource(file), dw::Error);
  }

 private:
  std::filesystem::path at(const char* name) const { return folder_.filePath(QLatin1String(name)).toStdString(); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestAxisRoles)
#include "tst_axis_roles.moc"
